-- The other matters that a matter names, each in a role: an appeal names the one whose decision it disputes.
create table matter_link (
    matter_id uuid not null references matter (id),
    role text not null,
    other_id uuid not null references matter (id),
    primary key (matter_id, role, other_id)
);
insert into matter_link (matter_id, role, other_id) select matter_id, 'disputed', disputed_id from dispute;
drop table dispute;
create index matter_link_other on matter_link (other_id, role);

-- Answers name certification bodies by their names.
create index institution_name on institution (name);
