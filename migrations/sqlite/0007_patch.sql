-- Patches of devices that were taken, with what was answered: the same patch gets the same answer.
create table draft_patch (
    matter_id blob not null references matter (id) on delete cascade,
    device blob not null,
    seq integer not null,
    answer_sealed blob not null,
    at text not null,
    primary key (matter_id, device, seq)
) strict;
create index draft_patch_at on draft_patch (at);
