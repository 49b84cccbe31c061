-- Whether a code was sent at all: one that was not counts only against the session and the address that asked for it.
alter table sms_code add column delivered boolean not null default true;

-- When the mail address was confirmed; those of earlier accounts count as confirmed.
alter table account add column email_verified_at timestamptz;
update account set email_verified_at = created_at;
-- When the person closed the account, and when the association freed its document, mobile number and mail address.
alter table account add column closed_at timestamptz;
alter table account add column released_at timestamptz;

-- Attempts to sign in to an account that exists, the newest of each outcome.
create table sign_in_event (
    id uuid not null primary key,
    account_id uuid not null references account (id),
    outcome text not null check (outcome in ('success', 'wrong_password', 'wrong_code')),
    browser text not null,
    at timestamptz not null
);
create index sign_in_event_account on sign_in_event (account_id, outcome, at desc, id desc);

-- Authenticator app of an account: pending until its first code was right.
create table totp (
    account_id uuid not null primary key references account (id),
    secret_sealed bytea not null,
    last_step bigint not null default 0,
    created_at timestamptz not null,
    confirmed_at timestamptz
);

-- Codes for signing in without the authenticator app, each for one use.
create table recovery_code (
    account_id uuid not null references account (id),
    code_hash bytea not null,
    used_at timestamptz,
    primary key (account_id, code_hash)
);
