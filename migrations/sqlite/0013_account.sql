-- Whether a code was sent at all: one that was not counts only against the session and the address that asked for it.
alter table sms_code add column delivered integer not null default 1;

-- When the mail address was confirmed; those of earlier accounts count as confirmed.
alter table account add column email_verified_at text;
update account set email_verified_at = created_at;
-- When the person closed the account, and when the association freed its document, mobile number and mail address.
alter table account add column closed_at text;
alter table account add column released_at text;

-- Attempts to sign in to an account that exists, the newest of each outcome.
create table sign_in_event (
    id blob not null primary key,
    account_id blob not null references account (id),
    outcome text not null check (outcome in ('success', 'wrong_password', 'wrong_code')),
    browser text not null,
    at text not null
) strict;
create index sign_in_event_account on sign_in_event (account_id, outcome, at desc, id desc);

-- Authenticator app of an account: pending until its first code was right.
create table totp (
    account_id blob not null primary key references account (id),
    secret_sealed blob not null,
    last_step integer not null default 0,
    created_at text not null,
    confirmed_at text
) strict;

-- Codes for signing in without the authenticator app, each for one use.
create table recovery_code (
    account_id blob not null references account (id),
    code_hash blob not null,
    used_at text,
    primary key (account_id, code_hash)
) strict;
