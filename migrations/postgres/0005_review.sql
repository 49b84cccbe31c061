-- Domains an expert is competent in.
create table expert_domain (
    account_id uuid not null references account (id),
    domain text not null,
    primary key (account_id, domain)
);

-- Who is asked to evaluate what: an index over the events of matters.
create table assignment (
    matter_id uuid not null references matter (id),
    account_id uuid not null references account (id),
    kind text not null,
    title text not null,
    assigned_at timestamptz not null,
    done_at timestamptz,
    left_at timestamptz,
    primary key (matter_id, account_id)
);
create index assignment_account on assignment (account_id, assigned_at desc, matter_id);

-- What a reviewer has found so far, sealed; finished or not.
create table opinion (
    matter_id uuid not null references matter (id),
    account_id uuid not null references account (id),
    round bigint not null,
    assessment_sealed bytea not null,
    updated_at timestamptz not null,
    primary key (matter_id, account_id, round)
);

-- Reminders that went out: each once.
create table reminder (
    task_id uuid not null references task (id),
    days bigint not null,
    at timestamptz not null,
    primary key (task_id, days)
);
