-- The institution that a matter belongs to, if it was begun in the name of one: each of its users is the applicant.
alter table matter add column owner_institution_id blob references institution (id);
-- Who saved the answers last.
alter table matter add column saved_by blob references account (id);
update matter set owner_institution_id = (select t.institution_id from matter_tie t where t.matter_id = matter.id and t.link = 'filing');
delete from matter_tie where link = 'filing';
create index matter_owner_institution on matter (owner_institution_id, updated_at desc, id) where owner_institution_id is not null;

alter table discarded_draft add column owner_institution_id blob references institution (id);
