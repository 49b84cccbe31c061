-- Whether an institution of the kind 认证机构 is a 培训机构 as well; the matter by which it was registered; its contact data, sealed.
alter table institution add column also_trains boolean not null default false;
alter table institution add column matter_id uuid references matter (id);
alter table institution add column contact_sealed bytea;

-- Changes of the state of institutions, with the reason, sealed.
create table institution_state_change (
    id uuid not null primary key,
    institution_id uuid not null references institution (id),
    state text not null check (state in ('active', 'suspended', 'closed')),
    reason_sealed bytea not null,
    changed_by uuid not null references account (id),
    changed_at timestamptz not null
);
create index institution_state_change_institution on institution_state_change (institution_id, changed_at desc, id);

-- 角色 of the users of institutions. Who was a user before has every one.
create table user_role (
    institution_id uuid not null references institution (id),
    account_id uuid not null references account (id),
    role text not null check (role in ('handler', 'reviewer', 'finance', 'administrator')),
    primary key (institution_id, account_id, role)
);
create index user_role_account on user_role (account_id, institution_id, role);
insert into user_role (institution_id, account_id, role)
select m.institution_id, m.account_id, r.role from membership m
cross join (select 'handler' as role union all select 'reviewer' union all select 'finance' union all select 'administrator') r
where m.role = 'user';
