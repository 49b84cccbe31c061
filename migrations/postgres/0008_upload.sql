-- Files on their way in, piece by piece. A piece counts once it stands in `pieces`, which is after its bytes are on the disk.
create table upload (
    id uuid not null primary key,
    account_id uuid not null references account (id),
    matter_id uuid not null references matter (id) on delete cascade,
    path text not null,
    name_sealed bytea not null,
    size bigint not null,
    received bigint not null,
    pieces text not null,
    refused text,
    done_at timestamptz,
    touched_at timestamptz not null
);
create index upload_account on upload (account_id) where done_at is null and refused is null;
create index upload_touched on upload (touched_at);
