-- Accounts. What identifies a person is sealed; fingerprints find it again.
create table account (
    id blob not null primary key,
    name text not null,
    person_sealed blob not null,
    document_fingerprint blob not null,
    mobile_fingerprint blob not null,
    email_fingerprint blob not null,
    password_hash text not null,
    status text not null check (status in ('active', 'disabled')),
    demo integer not null,
    created_at text not null,
    constraint account_name_key unique (name),
    constraint account_document_fingerprint_key unique (document_fingerprint),
    constraint account_mobile_fingerprint_key unique (mobile_fingerprint),
    constraint account_email_fingerprint_key unique (email_fingerprint)
) strict;

create table role_grant (
    account_id blob not null references account (id),
    role text not null,
    status text not null check (status in ('active', 'pending', 'suspended', 'ended')),
    granted_at text not null,
    primary key (account_id, role)
) strict;

create table institution (
    id blob not null primary key,
    name text not null,
    credit_code text not null,
    approval_no text not null,
    kind text not null,
    status text not null check (status in ('active', 'suspended', 'closed')),
    constraint institution_credit_code_key unique (credit_code)
) strict;

create table membership (
    account_id blob not null references account (id),
    institution_id blob not null references institution (id),
    role text not null check (role in ('user', 'practitioner')),
    status text not null check (status in ('active', 'pending', 'suspended', 'ended')),
    since text not null,
    primary key (account_id, institution_id, role)
) strict;
create index membership_institution on membership (institution_id, role, status);

create table session (
    token_hash blob not null primary key,
    account_id blob,
    data text not null,
    created_at text not null,
    last_seen_at text not null,
    expires_at text not null,
    revoked_at text
) strict;
create index session_account on session (account_id);
create index session_expiry on session (expires_at);

-- What was typed on the registration page, sealed, until the code sent to the mobile comes back.
create table signup (
    id blob not null primary key,
    person_sealed blob not null,
    mobile_fingerprint blob not null,
    expires_at text not null
) strict;
create index signup_expiry on signup (expires_at);

create table sms_code (
    id blob not null primary key,
    purpose text not null,
    target_fingerprint blob not null,
    session_hash blob not null,
    address_hash blob not null,
    code_hash blob not null,
    sent_at text not null,
    expires_at text not null,
    tries integer not null default 0,
    spent_at text
) strict;
create index sms_code_target on sms_code (target_fingerprint, sent_at);
create index sms_code_session on sms_code (session_hash, sent_at);
create index sms_code_address on sms_code (address_hash, sent_at);

-- Counted windows of everything that is limited by number.
create table rate (
    subject blob not null,
    window_start text not null,
    count integer not null,
    primary key (subject, window_start)
) strict;
create index rate_window on rate (window_start);

-- A matter, with what is derived from its events kept as an index.
create table matter (
    id blob not null primary key,
    kind text not null,
    owner_id blob not null references account (id),
    institution_id blob references institution (id),
    title text not null,
    stage text not null,
    turn text not null,
    due_on text,
    revision integer not null,
    submitted_revision integer,
    form_version integer not null,
    event_count integer not null,
    created_at text not null,
    updated_at text not null,
    submitted_at text,
    closed_at text
) strict;
create index matter_owner on matter (owner_id, updated_at desc, id);
create index matter_turn on matter (turn, submitted_at, id) where closed_at is null;
create index matter_institution on matter (institution_id, updated_at desc, id);
create index matter_updated on matter (updated_at desc, id);

create table matter_answers (
    matter_id blob not null references matter (id),
    revision integer not null,
    answers_sealed blob not null,
    saved_at text not null,
    primary key (matter_id, revision)
) strict;

create table matter_event (
    matter_id blob not null references matter (id),
    seq integer not null,
    event text not null,
    at text not null,
    primary key (matter_id, seq)
) strict;

create table task (
    id blob not null primary key,
    matter_id blob not null references matter (id),
    stage text not null,
    turn text not null,
    opened_at text not null,
    due_on text,
    done_at text,
    outcome text
) strict;
create index task_matter on task (matter_id, opened_at);
create index task_due on task (due_on) where done_at is null;

create table certificate (
    id blob not null primary key,
    number text not null,
    account_id blob not null references account (id),
    institution_id blob references institution (id),
    matter_id blob not null references matter (id),
    category text not null,
    domain text not null,
    grade text not null,
    specialties text not null,
    holder_sealed blob not null,
    first_registered_on text not null,
    issued_on text not null,
    valid_until text not null,
    confirm_due_on text not null,
    status text not null,
    constraint certificate_number_key unique (number),
    constraint certificate_matter_id_key unique (matter_id)
) strict;
create index certificate_account on certificate (account_id, issued_on desc);

create table counter (
    name text not null primary key,
    value integer not null
) strict;

create table message (
    id blob not null primary key,
    account_id blob not null references account (id),
    title text not null,
    body text not null,
    link text not null,
    created_at text not null,
    read_at text
) strict;
create index message_account on message (account_id, created_at desc, id);
create index message_unread on message (account_id) where read_at is null;

create table outbox (
    id blob not null primary key,
    channel text not null check (channel in ('sms', 'mail')),
    target_sealed blob not null,
    body_sealed blob not null,
    dedupe_key text not null,
    not_after text,
    created_at text not null,
    sent_at text,
    tries integer not null default 0,
    next_try_at text not null,
    last_error text,
    constraint outbox_dedupe_key_key unique (dedupe_key)
) strict;
create index outbox_waiting on outbox (next_try_at) where sent_at is null;

create table file (
    id blob not null primary key,
    owner_id blob not null references account (id),
    name_sealed blob not null,
    sha256 blob not null,
    size integer not null,
    mime text not null,
    created_at text not null
) strict;
create index file_owner on file (owner_id, created_at);
create index file_sha256 on file (sha256);

-- 基本信息库: records a person keeps for any application.
create table library_record (
    id blob not null primary key,
    owner_id blob not null references account (id),
    list text not null,
    record_sealed blob not null,
    updated_at text not null
) strict;
create index library_owner on library_record (owner_id, list, updated_at desc);

create table rule_param (
    key text not null,
    value text not null,
    effective_from text not null,
    primary key (key, effective_from)
) strict;

create table holiday (
    day text not null primary key,
    working integer not null,
    name text not null
) strict;

-- One row a command that was carried out: the same key gets the same answer.
create table command (
    account_id blob not null,
    key blob not null,
    request_hash blob not null,
    answer text not null,
    at text not null,
    primary key (account_id, key)
) strict;

-- Who did what to whom; each row holds the hash of the one before it.
create table audit (
    seq integer not null primary key,
    at text not null,
    actor blob,
    action text not null,
    target text not null,
    previous_hash blob not null,
    hash blob not null
) strict;

create table notice (
    id blob not null primary key,
    title text not null,
    body text not null,
    published_on text not null
) strict;
create index notice_published on notice (published_on desc, id);
