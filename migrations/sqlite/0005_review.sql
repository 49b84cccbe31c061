-- Domains an expert is competent in.
create table expert_domain (
    account_id blob not null references account (id),
    domain text not null,
    primary key (account_id, domain)
) strict;

-- Who is asked to evaluate what: an index over the events of matters.
create table assignment (
    matter_id blob not null references matter (id),
    account_id blob not null references account (id),
    kind text not null,
    title text not null,
    assigned_at text not null,
    done_at text,
    left_at text,
    primary key (matter_id, account_id)
) strict;
create index assignment_account on assignment (account_id, assigned_at desc, matter_id);

-- What a reviewer has found so far, sealed; finished or not.
create table opinion (
    matter_id blob not null references matter (id),
    account_id blob not null references account (id),
    round integer not null,
    assessment_sealed blob not null,
    updated_at text not null,
    primary key (matter_id, account_id, round)
) strict;

-- Reminders that went out: each once.
create table reminder (
    task_id blob not null references task (id),
    days integer not null,
    at text not null,
    primary key (task_id, days)
) strict;
