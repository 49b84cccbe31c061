-- The records of the answers that name participants: whom the last submission named in each.
create table participant_record (
    matter_id blob not null references matter (id),
    path text not null,
    account_id blob not null references account (id),
    primary key (matter_id, path)
) strict;
create index participant_record_account on participant_record (account_id, matter_id);

-- 备案课程库. The state of an entry on a day follows from its days.
create table filed_course (
    id blob not null primary key,
    number text not null,
    institution_id blob not null references institution (id),
    matter_id blob not null references matter (id),
    name text not null,
    category_code text not null references course_category (code),
    hours integer not null,
    class_max integer not null,
    valid_from text not null,
    valid_until text not null,
    -- Day since which a module has no teacher who leads it.
    lacking_since text,
    cancelled_on text,
    -- Day of the next check by the job.
    next_check_on text,
    constraint filed_course_number_key unique (number),
    constraint filed_course_matter_id_key unique (matter_id)
) strict;
create index filed_course_valid_from on filed_course (valid_from desc, number desc);
create index filed_course_institution on filed_course (institution_id, valid_from desc, number desc);
create index filed_course_check on filed_course (next_check_on) where next_check_on is not null;

create table course_module (
    course_id blob not null references filed_course (id),
    id blob not null,
    position integer not null,
    name text not null,
    hours text not null,
    primary key (course_id, id)
) strict;

-- The tie of a teacher to a course. Its modules are ids of the course's.
create table course_teacher (
    course_id blob not null references filed_course (id),
    account_id blob not null references account (id),
    role text not null check (role in ('lead', 'assistant')),
    modules text not null,
    state text not null check (state in ('filed', 'releasing', 'released')),
    filed_on text not null,
    ended_on text,
    primary key (course_id, account_id)
) strict;
create index course_teacher_account on course_teacher (account_id, state);
