-- What was typed into forms that are not sent yet: one row for each account, form, subject and state of the subject. A row without values
-- is left of a form that was sent: it refuses saves of pages that were loaded before.
create table form_draft (
    id blob not null primary key,
    account_id blob not null references account (id),
    form text not null,
    part text not null,
    subject_id blob not null,
    state text not null,
    values_sealed blob,
    revision integer not null,
    page_id blob not null,
    page_seq integer not null,
    saved_at text not null,
    ended_at text,
    shown_at text,
    constraint form_draft_key unique (account_id, form, part, subject_id, state)
) strict;
create index form_draft_ended on form_draft (ended_at);
create index form_draft_shown on form_draft (shown_at);
