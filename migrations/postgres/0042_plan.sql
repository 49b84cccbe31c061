-- The lessons of training plans that are ahead or under way, by which clashes of a teacher's plans are found. Times are minutes since midnight.
create table plan_lesson (
    matter_id uuid not null references matter (id),
    record_id uuid not null,
    account_id uuid not null references account (id),
    day date not null,
    starts bigint not null,
    ends bigint not null,
    city text not null,
    -- Whether the teacher has confirmed it.
    is_confirmed boolean not null,
    primary key (matter_id, record_id),
    check (starts < ends)
);
create index plan_lesson_account on plan_lesson (account_id, day, starts);
