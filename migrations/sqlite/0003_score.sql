-- Scores of the national examinations, as published; a corrected one replaces what was published before.
create table score (
    id blob not null primary key,
    account_id blob not null references account (id),
    subject text not null,
    session text not null,
    marks integer not null,
    passed integer not null,
    sat_on text not null,
    published_on text not null,
    constraint score_account_id_subject_session_key unique (account_id, subject, session)
) strict;
