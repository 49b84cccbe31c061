-- Accounts. What identifies a person is sealed; fingerprints find it again.
create table account (
    id uuid not null primary key,
    name text not null,
    person_sealed bytea not null,
    document_fingerprint bytea not null,
    mobile_fingerprint bytea not null,
    email_fingerprint bytea not null,
    password_hash text not null,
    status text not null check (status in ('active', 'disabled')),
    demo boolean not null,
    created_at timestamptz not null,
    constraint account_name_key unique (name),
    constraint account_document_fingerprint_key unique (document_fingerprint),
    constraint account_mobile_fingerprint_key unique (mobile_fingerprint),
    constraint account_email_fingerprint_key unique (email_fingerprint)
);

create table role_grant (
    account_id uuid not null references account (id),
    role text not null,
    status text not null check (status in ('active', 'pending', 'suspended', 'ended')),
    granted_at timestamptz not null,
    primary key (account_id, role)
);

create table institution (
    id uuid not null primary key,
    name text not null,
    credit_code text not null,
    approval_no text not null,
    kind text not null,
    status text not null check (status in ('active', 'suspended', 'closed')),
    constraint institution_credit_code_key unique (credit_code)
);

create table membership (
    account_id uuid not null references account (id),
    institution_id uuid not null references institution (id),
    role text not null check (role in ('user', 'practitioner')),
    status text not null check (status in ('active', 'pending', 'suspended', 'ended')),
    since date not null,
    primary key (account_id, institution_id, role)
);
create index membership_institution on membership (institution_id, role, status);

create table session (
    token_hash bytea not null primary key,
    account_id uuid,
    data jsonb not null,
    created_at timestamptz not null,
    last_seen_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz
);
create index session_account on session (account_id);
create index session_expiry on session (expires_at);

-- What was typed on the registration page, sealed, until the code sent to the mobile comes back.
create table signup (
    id uuid not null primary key,
    person_sealed bytea not null,
    mobile_fingerprint bytea not null,
    expires_at timestamptz not null
);
create index signup_expiry on signup (expires_at);

create table sms_code (
    id uuid not null primary key,
    purpose text not null,
    target_fingerprint bytea not null,
    session_hash bytea not null,
    address_hash bytea not null,
    code_hash bytea not null,
    sent_at timestamptz not null,
    expires_at timestamptz not null,
    tries bigint not null default 0,
    spent_at timestamptz
);
create index sms_code_target on sms_code (target_fingerprint, sent_at);
create index sms_code_session on sms_code (session_hash, sent_at);
create index sms_code_address on sms_code (address_hash, sent_at);

-- Counted windows of everything that is limited by number.
create table rate (
    subject bytea not null,
    window_start timestamptz not null,
    count bigint not null,
    primary key (subject, window_start)
);
create index rate_window on rate (window_start);

-- A matter, with what is derived from its events kept as an index.
create table matter (
    id uuid not null primary key,
    kind text not null,
    owner_id uuid not null references account (id),
    institution_id uuid references institution (id),
    title text not null,
    stage text not null,
    turn text not null,
    due_on date,
    revision bigint not null,
    submitted_revision bigint,
    form_version bigint not null,
    event_count bigint not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    submitted_at timestamptz,
    closed_at timestamptz
);
create index matter_owner on matter (owner_id, updated_at desc, id);
create index matter_turn on matter (turn, submitted_at, id) where closed_at is null;
create index matter_institution on matter (institution_id, updated_at desc, id);
create index matter_updated on matter (updated_at desc, id);

create table matter_answers (
    matter_id uuid not null references matter (id),
    revision bigint not null,
    answers_sealed bytea not null,
    saved_at timestamptz not null,
    primary key (matter_id, revision)
);

create table matter_event (
    matter_id uuid not null references matter (id),
    seq bigint not null,
    event jsonb not null,
    at timestamptz not null,
    primary key (matter_id, seq)
);

create table task (
    id uuid not null primary key,
    matter_id uuid not null references matter (id),
    stage text not null,
    turn text not null,
    opened_at timestamptz not null,
    due_on date,
    done_at timestamptz,
    outcome text
);
create index task_matter on task (matter_id, opened_at);
create index task_due on task (due_on) where done_at is null;

create table certificate (
    id uuid not null primary key,
    number text not null,
    account_id uuid not null references account (id),
    institution_id uuid references institution (id),
    matter_id uuid not null references matter (id),
    category text not null,
    domain text not null,
    grade text not null,
    specialties jsonb not null,
    holder_sealed bytea not null,
    first_registered_on date not null,
    issued_on date not null,
    valid_until date not null,
    confirm_due_on date not null,
    status text not null,
    constraint certificate_number_key unique (number),
    constraint certificate_matter_id_key unique (matter_id)
);
create index certificate_account on certificate (account_id, issued_on desc);

create table counter (
    name text not null primary key,
    value bigint not null
);

create table message (
    id uuid not null primary key,
    account_id uuid not null references account (id),
    title text not null,
    body text not null,
    link text not null,
    created_at timestamptz not null,
    read_at timestamptz
);
create index message_account on message (account_id, created_at desc, id);
create index message_unread on message (account_id) where read_at is null;

create table outbox (
    id uuid not null primary key,
    channel text not null check (channel in ('sms', 'mail')),
    target_sealed bytea not null,
    body_sealed bytea not null,
    dedupe_key text not null,
    not_after timestamptz,
    created_at timestamptz not null,
    sent_at timestamptz,
    tries bigint not null default 0,
    next_try_at timestamptz not null,
    last_error text,
    constraint outbox_dedupe_key_key unique (dedupe_key)
);
create index outbox_waiting on outbox (next_try_at) where sent_at is null;

create table file (
    id uuid not null primary key,
    owner_id uuid not null references account (id),
    name_sealed bytea not null,
    sha256 bytea not null,
    size bigint not null,
    mime text not null,
    created_at timestamptz not null
);
create index file_owner on file (owner_id, created_at);
create index file_sha256 on file (sha256);

-- 基本信息库: records a person keeps for any application.
create table library_record (
    id uuid not null primary key,
    owner_id uuid not null references account (id),
    list text not null,
    record_sealed bytea not null,
    updated_at timestamptz not null
);
create index library_owner on library_record (owner_id, list, updated_at desc);

create table rule_param (
    key text not null,
    value text not null,
    effective_from date not null,
    primary key (key, effective_from)
);

create table holiday (
    day date not null primary key,
    working boolean not null,
    name text not null
);

-- One row a command that was carried out: the same key gets the same answer.
create table command (
    account_id uuid not null,
    key uuid not null,
    request_hash bytea not null,
    answer jsonb not null,
    at timestamptz not null,
    primary key (account_id, key)
);

-- Who did what to whom; each row holds the hash of the one before it.
create table audit (
    seq bigint not null primary key,
    at timestamptz not null,
    actor uuid,
    action text not null,
    target text not null,
    previous_hash bytea not null,
    hash bytea not null
);

create table notice (
    id uuid not null primary key,
    title text not null,
    body text not null,
    published_on date not null
);
create index notice_published on notice (published_on desc, id);
