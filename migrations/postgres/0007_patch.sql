-- Patches of devices that were taken, with what was answered: the same patch gets the same answer.
create table draft_patch (
    matter_id uuid not null references matter (id) on delete cascade,
    device uuid not null,
    seq bigint not null,
    answer_sealed bytea not null,
    at timestamptz not null,
    primary key (matter_id, device, seq)
);
create index draft_patch_at on draft_patch (at);
