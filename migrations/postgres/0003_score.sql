-- Scores of the national examinations, as published; a corrected one replaces what was published before.
create table score (
    id uuid not null primary key,
    account_id uuid not null references account (id),
    subject text not null,
    session text not null,
    marks bigint not null,
    passed boolean not null,
    sat_on date not null,
    published_on date not null,
    constraint score_account_id_subject_session_key unique (account_id, subject, session)
);
