-- The lessons of training plans that are ahead or under way, by which clashes of a teacher's plans are found. Times are minutes since midnight.
create table plan_lesson (
    matter_id blob not null references matter (id),
    record_id blob not null,
    account_id blob not null references account (id),
    day text not null,
    starts integer not null,
    ends integer not null,
    city text not null,
    -- Whether the teacher has confirmed it.
    is_confirmed integer not null,
    primary key (matter_id, record_id),
    check (starts < ends)
) strict;
create index plan_lesson_account on plan_lesson (account_id, day, starts);
