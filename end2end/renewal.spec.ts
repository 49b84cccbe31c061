import { expect, test } from '@playwright/test';
import { signedInPage, register, somebody } from './support/people';
import { age, confirmation, learn } from './support/renewal';
import { beginAt, button, decide, edit, file, ownMatter, next, respond, send, sendBack, underReview } from './support/wizard';

test.beforeEach(({}, info) => test.skip(info.project.name !== 'desktop', 'certificates are scarce, and one size is enough'));

test('a certificate is confirmed: reminded when due, returned, corrected, and decided by two', { tag: '@both' }, async ({ page, browser }) => {
  test.setTimeout(300_000);
  const me = somebody();
  await register(page, me);
  await page.goto('/apply/annual_confirmation');
  await expect(page.getByText('您没有注册证书')).toBeVisible();
  await expect(page.getByRole('button', { name: '在线办理' })).toHaveCount(0);
  const { matter: registration, institution, officer } = await underReview(page, browser, me.name);
  await decide(officer, registration, 'propose', '同意，提交批准');
  const admin = await signedInPage(browser, 'admin');
  await decide(admin, registration, 'approve', '批准');
  await page.goto('/apply/annual_confirmation');
  await expect(page.getByText(/年度确认应于 .+（含当日）前完成，.+ 起可办理/)).toBeVisible();

  await page.goto('/me/certificates');
  const number = (await page.locator('main').innerText()).match(/\d{4}-N0QMS-\d{7}/)![0];
  await age(page, number, 350);
  await page.goto('/');
  await page.locator('.tile', { hasText: '年度确认' }).click();
  await page.getByLabel(new RegExp(number)).check();
  await button(page, '核对注册要求').click();
  await expect(page.locator('[data-requirement=cpd_hours]')).toContainText('需要 8 学时，已有 0 学时，还差 8 学时');
  await button(page, '在线办理').click();
  await expect(page.getByRole('heading', { level: 1, name: '确认信息' })).toBeVisible();
  await expect(page.getByLabel(new RegExp(number))).toBeChecked();
  await confirmation(page, new RegExp(number));
  await learn(page, 8);
  await next(page, '材料与声明');
  const matter = new URL(page.url()).pathname.split('/')[2]!;
  await page.check('[name=declared]');
  await next(page, '核对并提交');
  await send(page, '提交');
  await page.goto('/apply/annual_confirmation');
  await expect(page.getByText('已有正在办理的申请')).toBeVisible();

  await institution.goto('/institution');
  await expect(institution.locator(`a[href^="/matters/${matter}"]`).first()).toBeVisible();
  await sendBack(institution, matter, ['practised'], '退回修改', '请核对从业情况。');
  await edit(page, matter, '请核对从业情况。');
  await expect(page.locator('[name=disciplined]')).toHaveCount(0);
  await page.check('[name=practised][value=no]');
  await next(page, '继续教育');
  await respond(page, matter, '已核对。');
  await send(page, '重新提交');
  await decide(institution, matter, 'pass', '审核通过');
  await decide(officer, matter, 'propose', '同意，提交批准');
  await expect(officer.locator('form[data-move=approve]')).toHaveCount(0);
  await decide(admin, matter, 'approve', '批准');

  await page.goto('/matters?view=closed');
  await expect(ownMatter(page, `年度确认（${number}）`)).toContainText('已批准');
  await page.goto('/me/certificates');
  await expect(page.getByText('已办年度确认')).toBeVisible();
  await page.goto('/me/library');
  await expect(page.getByText('质量管理体系标准换版 · 认证人员协会')).toBeVisible();

  // More than a year later without confirmation the certificate is suspended; a late confirmation restores it.
  await age(page, number, 480);
  await page.goto('/me/certificates');
  await expect(page.getByText('已暂停')).toBeVisible();
  await expect(page.getByText('已逾期，请尽快补办')).toBeVisible();
  await expect(page.getByRole('link', { name: '办理年度确认' })).toBeVisible();
  await page.goto(`/verify/${number}`);
  await expect(page.locator('.paper')).toContainText('已暂停');
  await page.goto('/me/messages');
  await expect(page.getByText('因逾期未办理年度确认')).toBeVisible();
});

test('an institution confirms on behalf of its people, with their signed statement', { tag: '@both' }, async ({ browser }) => {
  test.setTimeout(180_000);
  const inst = await signedInPage(browser, 'inst-a');
  await inst.goto('/institution/apply');
  await inst.locator('.row', { hasText: '年度确认' }).getByRole('link', { name: '在线办理' }).click();
  const matter = await beginAt(inst, '/institution/apply/annual_confirmation', '确认信息');
  await confirmation(inst, /周建国.+能源管理体系/);
  await learn(inst, 16);
  await next(inst, '材料与声明');
  await inst.check('[name=declared]');
  await button(inst, '下一步').click();
  await expect(inst.locator('#faults')).toContainText('请上传本人签字的声明');
  await inst.setInputFiles('[name=statement]', file('本人声明.jpg'));
  await next(inst, '核对并提交');
  await send(inst, '提交');

  const certified = await signedInPage(browser, 'certified');
  await certified.goto('/me/messages');
  await expect(certified.getByText('您的执业机构已代您提交证书').first()).toBeVisible();
  expect((await certified.goto(`/matters/${matter}`))!.status()).toBe(404);
  const other = await signedInPage(browser, 'inst-b');
  expect((await other.goto(`/matters/${matter}`))!.status()).toBe(404);
  const officer = await signedInPage(browser, 'officer');
  await officer.goto(`/matters/${matter}`);
  await expect(officer.getByText(/周建国.+能源管理体系/).first()).toBeVisible();
  await decide(officer, matter, 'propose', '同意，提交批准');
  await decide(await signedInPage(browser, 'admin'), matter, 'approve', '批准');
  await certified.goto('/me/certificates');
  await expect(certified.getByText('已办年度确认')).toBeVisible();
});
