-- 课程类别: what a course belongs to, and what a teacher is bound to. 'deliveries' are codes with commas; it is used from 'opens_on' until the
-- day before 'ends_on'.
create table course_category (
    code text not null primary key,
    name text not null,
    domain text,
    deliveries text not null,
    least_hours bigint not null,
    class_max bigint not null,
    needs_review boolean not null,
    opens_on date not null,
    ends_on date
);

-- A person who is or was bound to a category, with 教师编号.
create table teacher (
    account_id uuid not null primary key references account (id),
    number text not null,
    since timestamptz not null,
    constraint teacher_number unique (number)
);

-- A teacher is bound to a category, with the matter whose answers are the evidence.
create table category_binding (
    id uuid not null primary key,
    account_id uuid not null references account (id),
    category_code text not null references course_category (code),
    matter_id uuid references matter (id),
    bound_at timestamptz not null,
    ended_at timestamptz
);
create unique index category_binding_open on category_binding (account_id, category_code) where ended_at is null;
create index category_binding_category on category_binding (category_code, account_id) where ended_at is null;
create index category_binding_account on category_binding (account_id, bound_at);
create index category_binding_matter on category_binding (matter_id);

-- The categories of docs/domain.md §10; hours, class sizes and reviews are proposals, which the association changes on its own page.
insert into course_category (code, name, domain, deliveries, least_hours, class_max, needs_review, opens_on) values
    ('FC-AUD-T-QMS', '管理体系实习审核员课程', 'QMS', 'face,live', 40, 40, false, '2021-01-01'),
    ('FC-AUD-T-EMS', '管理体系实习审核员课程', 'EMS', 'face,live', 40, 40, false, '2021-01-01'),
    ('FC-AUD-T-OHSMS', '管理体系实习审核员课程', 'OHSMS', 'face,live', 40, 40, false, '2021-01-01'),
    ('FC-AUD-T-FSMS', '管理体系实习审核员课程', 'FSMS', 'face,live', 40, 40, false, '2021-01-01'),
    ('FC-AUD-T-ENMS', '管理体系实习审核员课程', 'ENMS', 'face,live', 40, 40, false, '2021-01-01'),
    ('FC-AUD-T-ISMS', '管理体系实习审核员课程', 'ISMS', 'face,live', 40, 40, false, '2021-01-01'),
    ('FC-AUD-T-ITSMS', '管理体系实习审核员课程', 'ITSMS', 'face,live', 40, 40, false, '2021-01-01'),
    ('FC-AUD-T-HACCP', '管理体系实习审核员课程', 'HACCP', 'face,live', 40, 40, false, '2021-01-01'),
    ('FC-AUD-T-IPMS', '管理体系实习审核员课程', 'IPMS', 'face,live', 40, 40, false, '2021-01-01'),
    ('FC-AUD-T-MMS', '管理体系实习审核员课程', 'MMS', 'face,live', 40, 40, false, '2021-01-01'),
    ('FC-AUD-T-EC9000', '管理体系实习审核员课程', 'EC9000', 'face,live', 40, 40, false, '2021-01-01'),
    ('FC-AUD-T-FOREST', '管理体系实习审核员课程', 'FOREST', 'face,live', 40, 40, false, '2021-01-01'),
    ('FC-AUD-F', '管理体系审核员课程', null, 'face,live', 40, 40, true, '2021-01-01'),
    ('FC-INS-GEN', '产品认证检查员课程（通用）', null, 'face,live', 40, 40, false, '2021-01-01'),
    ('FC-INS-OP', '产品认证检查员课程', 'OP', 'face,live', 24, 40, false, '2021-01-01'),
    ('FC-INS-GAP', '产品认证检查员课程', 'GAP', 'face,live', 24, 40, false, '2021-01-01'),
    ('FC-INS-CCC', '产品认证检查员课程', 'CCC', 'face,live', 24, 40, false, '2021-01-01'),
    ('FC-EXM', '服务认证审查员课程', null, 'face,live', 40, 40, false, '2021-01-01'),
    ('FC-IA', '内审员课程', null, 'face,live,online', 16, 60, false, '2021-01-01'),
    ('FC-CPD', '继续教育专题', null, 'face,live,online', 16, 200, false, '2021-01-01'),
    ('FC-STD', '标准换版课程', null, 'face,live,online', 16, 100, false, '2021-01-01'),
    ('FC-MGT', '机构管理人员课程', null, 'face,live,online', 16, 60, false, '2021-01-01');
