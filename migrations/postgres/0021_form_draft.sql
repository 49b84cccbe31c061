-- What was typed into forms that are not sent yet: one row for each account, form, subject and state of the subject. A row without values
-- is left of a form that was sent: it refuses saves of pages that were loaded before.
create table form_draft (
    id uuid not null primary key,
    account_id uuid not null references account (id),
    form text not null,
    part text not null,
    subject_id uuid not null,
    state text not null,
    values_sealed bytea,
    revision bigint not null,
    page_id uuid not null,
    page_seq bigint not null,
    saved_at timestamptz not null,
    ended_at timestamptz,
    shown_at timestamptz,
    constraint form_draft_key unique (account_id, form, part, subject_id, state)
);
create index form_draft_ended on form_draft (ended_at);
create index form_draft_shown on form_draft (shown_at);
