-- Conditions of a queue that an account has named. The name may be that of a person: it is sealed with the conditions, and its mark, which is
-- a keyed hash, keeps names of one account apart.
create table saved_view (
    id blob not null primary key,
    account_id blob not null references account (id),
    workbench text not null check (workbench in ('association', 'institution')),
    name_mark blob not null,
    view_sealed blob not null,
    created_at text not null,
    constraint saved_view_name unique (account_id, name_mark)
) strict;
-- Figures of workbenches, each counted from an index alone: matters received and finished by week, open ones by due day, and how long the last
-- ones took.
create index matter_received on matter (submitted_at, kind, institution_id, id) where submitted_at is not null;
create index matter_finished on matter (closed_at, kind, institution_id, id, submitted_at) where closed_at is not null;
create index matter_open on matter (kind, due_on, institution_id, id, submitted_at) where closed_at is null;
create index matter_pace on matter (kind, closed_at desc, institution_id, id, submitted_at, stage) where closed_at is not null;
