-- One known value for each key that the data was sealed or fingerprinted with, so that a foreign key file is noticed at start.
create table key_check (
    kind text not null check (kind in ('seal', 'print')),
    key_id bigint not null,
    value bytea not null,
    created_at timestamptz not null,
    primary key (kind, key_id)
);

-- Facts about the server processes: the last recorded time, whether the demo data is complete.
create table process_state (
    name text not null primary key,
    value text not null,
    updated_at timestamptz not null
);

-- Demo data that was written before there was a mark counts as complete.
insert into process_state (name, value, updated_at)
select 'demo.filled', 'before', min(created_at) from account where demo = true having count(*) > 0;
