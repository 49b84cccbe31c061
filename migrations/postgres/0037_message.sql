-- What a message is about: a matter or a certificate; the zero id for none.
alter table message add column topic_id uuid not null default '00000000-0000-0000-0000-000000000000';
alter table message add column category text not null default 'progress' check (category in ('task', 'progress', 'system'));
-- Whether its reader may know whose the matter is.
alter table message add column names_applicant boolean not null default false;
-- When the task that a message of the category 'task' is about was done.
alter table message add column done_at timestamptz;

update message set topic_id = m.id from matter m
where (message.link like '/matters/%' or message.link like '/expert/%/%') and m.id = case when message.link ~ '/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then right(message.link, 36)::uuid end;
update message set category = 'task'
where topic_id in (select id from matter) and (title like '%业务提醒：%' or title in ('办理期限提醒', '业务转交提醒'));
update message set category = 'system' where link = '/me/certificates' or title like '证书处置：%';
-- The message of a task is as old as the task, and that of a reminder younger.
update message set done_at = coalesce((select max(t.done_at) from task t where t.matter_id = message.topic_id), created_at)
where category = 'task' and not exists (
    select 1 from task t where t.matter_id = message.topic_id and t.done_at is null and t.opened_at <= message.created_at
      and coalesce(t.account_id, message.account_id) = message.account_id);
update message set read_at = done_at where done_at is not null and read_at is null;

-- The messages of an account by topic, counted from the index alone.
create index message_topic on message (account_id, topic_id, created_at desc, id, category, read_at, names_applicant);
-- The messages of the open tasks of a matter.
create index message_open_task on message (topic_id, account_id) where category = 'task' and done_at is null;

-- 通知设置: what an account has chosen for a category of messages and a channel.
create table channel_choice (
    account_id uuid not null references account (id),
    category text not null check (category in ('task', 'progress', 'system')),
    channel text not null check (channel in ('sms', 'mail')),
    enabled boolean not null,
    changed_at timestamptz not null,
    primary key (account_id, category, channel)
);
