-- A reply to a patch is the present state of the draft with the questions of that patch, so only these are stored, with the revision that
-- the device knows since then. Rows without a revision hold a whole reply.
alter table draft_patch add column revision bigint;

-- Accounts whose files may have lost their last reference, and when to look for them.
create table file_sweep (
    account_id uuid not null primary key references account (id),
    due_at timestamptz not null
);
create index file_sweep_due on file_sweep (due_at);
insert into file_sweep (account_id, due_at) select owner_id, min(created_at) from file group by owner_id;

create index message_created on message (created_at);
create index command_at on command (at);
create index outbox_created on outbox (created_at);
