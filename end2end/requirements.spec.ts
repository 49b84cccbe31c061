import { type Page, expect, test } from '@playwright/test';
import { passExams, register, somebody } from './support/people';
import { button } from './support/wizard';

/** Chooses category, domain and grade before the form is begun. */
async function aim(page: Page, kind: string, domain: string, grade: string): Promise<void> {
  await page.goto('/apply/registration');
  await page.check(`[name=application_kind][value=${kind}]`);
  await page.selectOption('[name=domain]', domain);
  await page.check(`[name=grade][value=${grade}]`);
  await button(page, '核对注册要求').click();
  await expect(page.getByRole('heading', { name: '核对结果' })).toBeVisible();
}

/** Adds an audit of so many days to 基本信息库. */
async function addAudit(page: Page, month: number, days: string): Promise<void> {
  await page.goto('/me/library');
  await page.getByRole('link', { name: /^添加 ?认证经历$/ }).click();
  await page.fill('[name=start]', `2026-0${month}-02`);
  await page.fill('[name=end]', `2026-0${month}-05`);
  await page.fill('[name=client]', `苏州恒信精密制造有限公司 ${month}`);
  await page.fill('[name=client_code]', '91310115MA1K000016');
  await page.selectOption('[name=body]', '华信质量认证中心有限公司');
  await page.selectOption('[name=audit_type]', 'initial');
  await page.check('[name=role][value=trainee]');
  await page.selectOption('[name=domain]', 'QMS');
  await page.fill('[name=standard]', 'GB/T 19001');
  // Without scripts the clause fields appear after the first post, when the domain is known.
  const clauses = page.locator('[name=clauses_covered][value=all]');
  if (!(await clauses.isVisible())) await button(page, '保存').click();
  await clauses.check();
  await page.fill('[name=onsite_days]', days);
  await page.check('[name=onsite_mode][value=onsite]');
  await page.fill('[name=team_leader]', '梁志诚');
  await button(page, '保存').click();
  await expect(page.getByRole('heading', { level: 1, name: '基本信息库' })).toBeVisible();
}

test('who is one audit day short learns it before the form, and sees which figure', async ({ page }) => {
  const me = somebody();
  await register(page, me);
  for (const [month, days] of [[1, '4'], [2, '4'], [3, '4'], [4, '2']] as const) await addAudit(page, month, days);

  await aim(page, 'initial', 'QMS', 'full');
  const days = page.locator('[data-requirement=onsite_days]');
  await expect(days).toContainText('需要 15 天，已有 14 天，还差 1 天');
  await expect(days).toContainText('不符合');
  await expect(page.locator('[data-requirement=complete_audits]')).toContainText('符合');
  await expect(page.locator('[data-requirement=education]')).toContainText('待确认');
  await expect(page.locator('[data-requirement=exam_category]')).toContainText('没有该科目成绩');

  await page.goto('/me/library');
  await page.locator('.record', { hasText: '有限公司 4' }).getByRole('link', { name: '编辑' }).click();
  await page.fill('[name=onsite_days]', '3');
  await button(page, '保存').click();
  await passExams(page, me.account, ['MSB']);
  await aim(page, 'initial', 'QMS', 'full');
  await expect(days).toContainText('需要 15 天，已有 15 天');
  await expect(days).not.toContainText('不符合');
  await expect(page.locator('[data-requirement=exam_category]')).toContainText('已有 85 分');

  await button(page, '在线办理').click();
  await expect(page.getByRole('heading', { level: 1, name: '选择业务' })).toBeVisible();
  await expect(page.locator('[name=domain]')).toHaveValue('QMS');
  await expect(page.locator('[name=grade][value=full]')).toBeChecked();
});

test('without a score the check page names the subject, and the score opens the way', { tag: '@both' }, async ({ page }) => {
  const me = somebody();
  await register(page, me, []);
  await aim(page, 'initial', 'EMS', 'trainee');
  await expect(page.locator('[data-requirement=exam_domain]')).toContainText('没有该科目成绩');
  await button(page, '在线办理').click();
  await expect(page.getByRole('heading', { level: 1, name: '选择业务' })).toBeVisible();
  const matter = new URL(page.url()).pathname.split('/')[2]!;
  await page.goto(`/matters/${matter}/review`);
  await expect(page.locator('#faults')).toContainText('考试：环境管理体系基础');
  await page.locator('#faults').getByRole('link', { name: /环境管理体系基础/ }).click();
  await expect(page.getByText('没有有效的合格成绩')).toBeVisible();
  await passExams(page, me.account, ['GEN', 'EMS']);
  await page.reload();
  await expect(page.getByText('85 分，2026-04-25 考试').first()).toBeVisible();
  await page.goto(`/matters/${matter}/review`);
  await expect(page.locator('#faults')).not.toContainText('环境管理体系基础');
});
