-- What leaves the house says which matter it is about, whom it is for, what kind of news it is, and when it was given up.
alter table outbox add column matter_id uuid references matter (id);
alter table outbox add column account_id uuid references account (id);
alter table outbox add column kind text not null default 'code';
alter table outbox add column subject text not null default '';
alter table outbox add column given_up_at timestamptz;
drop index outbox_waiting;
create index outbox_waiting on outbox (next_try_at) where sent_at is null and given_up_at is null;
create index outbox_matter on outbox (matter_id, created_at) where matter_id is not null;

-- A task knows the kind of its matter, so that how long a stage takes is read off one index.
alter table task add column kind text not null default '';
update task set kind = (select kind from matter where matter.id = task.matter_id);
create index task_pace on task (kind, stage, done_at desc) where done_at is not null;
