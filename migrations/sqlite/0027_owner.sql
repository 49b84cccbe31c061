-- The institution that a matter belongs to, if it was begun in the name of one: each of its users is the applicant.
alter table matter add column owner_institution_id blob references institution (id);
-- Who saved the answers last.
alter table matter add column saved_by blob references account (id);
update matter set owner_institution_id = (select t.institution_id from matter_tie t where t.matter_id = matter.id and t.link = 'filing');
delete from matter_tie where link = 'filing';
create index matter_owner_institution on matter (owner_institution_id, updated_at desc, id) where owner_institution_id is not null;

alter table discarded_draft add column owner_institution_id blob references institution (id);

-- A task is one person's, an institution's, or that of the holders of a role; one of them may have taken it.
alter table task add column account_id blob references account (id);
alter table task add column institution_id blob references institution (id);
alter table task add column assignee_id blob references account (id);

-- The people who are asked about a matter, each in a part of their own: experts and participants.
create table matter_person (
    matter_id blob not null references matter (id),
    account_id blob not null references account (id),
    part text not null,
    kind text not null,
    title text not null,
    asked_at text not null,
    done_at text,
    left_at text,
    primary key (matter_id, account_id, part)
) strict;
insert into matter_person (matter_id, account_id, part, kind, title, asked_at, done_at, left_at)
select matter_id, account_id, 'expert', kind, title, assigned_at, done_at, left_at from assignment;
drop table assignment;
create index matter_person_account on matter_person (account_id, part, asked_at desc, matter_id);
create index matter_person_open on matter_person (part, account_id) where done_at is null and left_at is null;

-- One task for each expert who is awaited, with the reminders that went out, in place of one for all of them.
insert into task (id, matter_id, kind, stage, turn, opened_at, due_on, account_id)
select randomblob(16), t.matter_id, t.kind, t.stage, t.turn, t.opened_at, t.due_on, p.account_id
from task t join matter_person p on p.matter_id = t.matter_id
where t.turn = 'expert' and t.done_at is null and p.done_at is null and p.left_at is null;
insert into reminder (task_id, days, at)
select n.id, r.days, r.at from reminder r join task t on t.id = r.task_id
join task n on n.matter_id = t.matter_id and n.stage = t.stage and n.account_id is not null and n.done_at is null
where t.turn = 'expert' and t.done_at is null and t.account_id is null;
delete from reminder where task_id in (select id from task where turn = 'expert' and done_at is null and account_id is null);
delete from task where turn = 'expert' and done_at is null and account_id is null;

update task set account_id = (select m.owner_id from matter m where m.id = task.matter_id and m.owner_institution_id is null),
    institution_id = (select m.owner_institution_id from matter m where m.id = task.matter_id)
where done_at is null and turn = 'applicant';
update task set institution_id = (select m.institution_id from matter m where m.id = task.matter_id)
where done_at is null and turn = 'institution';
update task set institution_id = (select i.institution_id from matter_tie i where i.matter_id = task.matter_id and task.turn = 'institution_' || i.link)
where done_at is null and turn like 'institution\_%' escape '\';
create index task_account on task (account_id, turn) where done_at is null and account_id is not null;
create index task_institution on task (institution_id, turn) where done_at is null and institution_id is not null;
create index task_turn on task (turn, opened_at) where done_at is null and account_id is null;
