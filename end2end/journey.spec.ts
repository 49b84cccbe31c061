import { expect, test } from '@playwright/test';
import { signedInPage, register, somebody } from './support/people';
import { begin, business, button, conform, decide, fillAll, ownMatter, matterOf, next, pay, person, respond, sendBack, verdict } from './support/wizard';

test('from a new account to a certificate', { tag: '@both' }, async ({ page, browser }) => {
  test.setTimeout(240_000);
  const me = somebody();
  await register(page, me);

  await begin(page);
  const matter = matterOf(page);
  await fillAll(page, me.name);
  await expect(page.getByText('填写内容齐全')).toBeVisible();
  await button(page, '提交').click();
  await expect(page.getByRole('heading', { name: '操作完成' })).toBeVisible();

  const institution = await signedInPage(browser, 'inst-a');
  await institution.goto('/institution');
  await expect(institution.locator(`a[href^="/matters/${matter}"]`).first()).toBeVisible();
  await sendBack(institution, matter, ['postcode'], '退回修改', '请补充邮政编码。');

  await page.goto('/matters');
  await ownMatter(page, '已退回').getByRole('link', { name: '编辑' }).click();
  await expect(page.getByText('请补充邮政编码。')).toBeVisible();
  await page.getByRole('link', { name: '去修改' }).click();
  await expect(page.locator('[name=address]')).toHaveCount(0);
  await page.fill('[name=postcode]', '100080');
  await next(page, '教育经历');
  await respond(page, matter, '已补充邮政编码。');
  await button(page, '重新提交').click();
  await expect(page.getByRole('heading', { name: '操作完成' })).toBeVisible();

  await decide(institution, matter, 'pass', '初核通过', '材料齐全。');
  await pay(page, matter, true);
  const officer = await signedInPage(browser, 'officer');
  await officer.goto('/association');
  await expect(officer.locator(`a[href^="/matters/${matter}"]`).first()).toBeVisible();
  await decide(officer, matter, 'accept', '受理');

  // Two experts; one of them reports a nonconformity.
  await officer.goto(`/matters/${matter}/assign`);
  await officer.getByLabel(/沈文博/).check();
  await officer.getByLabel(/郑雅琴/).check();
  await button(officer, '指派专家').click();
  await officer.waitForURL(`**/matters/${matter}`);
  const one = await signedInPage(browser, 'expert1');
  await one.goto('/me/messages');
  await one.getByRole('link', { name: '待评价业务提醒：人员注册' }).first().click();
  await one.waitForURL(`**/expert/registrations/${matter}`);
  expect(await one.locator('main').innerText()).not.toContain(me.name);
  await conform(one, matter);
  const two = await signedInPage(browser, 'expert2');
  await two.goto('/expert/registrations?words=质量管理');
  await two.locator(`a[href="/expert/registrations/${matter}"]`).first().click();
  await verdict(two, '教育经历第 1 条', 'bad');
  await two.locator('.record', { hasText: '北京科技大学' }).getByLabel('学历信息与证书记载不一致').check();
  await two.locator('button.btn[name=_action][value=save]').click();
  await expect(two.locator('#f-note')).toHaveValue(/教育经历第 1 条.+学历信息与证书记载不一致/);
  await two.check('[name=conclusion][value=conform]');
  await button(two, '提交').click();
  await expect(two.locator('#e-conclusion')).toContainText('评价结果不能为符合');
  await two.check('[name=conclusion][value=nonconform]');
  await button(two, '提交').click();
  await two.waitForURL(/\/expert\/registrations\?state=done/);

  await page.goto(`/matters/${matter}/rectify`);
  await expect(page.getByText('学历信息与证书记载不一致').first()).toBeVisible();
  await page.getByRole('link', { name: '去修改' }).click();
  await page.fill('[name=major]', '质量管理工程');
  await button(page, '保存').click();
  await expect(page.getByText(/质量管理工程/)).toBeVisible();
  await respond(page, matter, '专业名称已按证书更正。');
  await button(page, '提交整改').click();
  await expect(page.getByRole('heading', { name: '操作完成' })).toBeVisible();
  await institution.goto(`/matters/${matter}`);
  await expect(institution.locator('.panel', { hasText: '本次修改' })).toContainText('质量管理工程');
  await decide(institution, matter, 'pass', '整改属实，提交协会');
  await conform(one, matter);
  await conform(two, matter);

  // Two people decide: the proposer cannot approve.
  const admin = await signedInPage(browser, 'admin');
  await admin.goto(`/matters/${matter}`);
  await expect(admin.locator('form[data-move=propose]')).toHaveCount(0);
  await decide(officer, matter, 'propose', '同意，提交批准');
  await expect(officer.locator('form[data-move=approve]')).toHaveCount(0);
  await decide(admin, matter, 'approve', '批准');

  await page.goto(`/matters/${matter}`);
  await expect(page.getByText('已批准').first()).toBeVisible();
  const number = (await page.locator('a[href^="/verify/"]').first().textContent())!.trim();
  expect(number).toMatch(/^\d{4}-N0QMS-\d{7}$/);

  const stranger = await browser.newPage();
  // Before its publication the number shows the certificate to its holder alone.
  expect((await stranger.goto(`/verify/${number}`))!.status()).toBe(404);
  await page.goto(`/verify/${number}`);
  await expect(page.locator('.paper')).toContainText(me.name);
  await expect(page.locator('.paper')).toContainText('有效');
  expect(await page.content()).not.toContain(me.document);

  // The QR code is verified by its signature alone; with one letter changed it is invalid.
  await page.goto('/me/certificates');
  const code = (await page.getByRole('link', { name: '核验链接' }).first().getAttribute('href'))!;
  expect((await stranger.goto(code))!.status()).toBe(200);
  await expect(stranger.getByText('签名有效')).toBeVisible();
  await expect(stranger.locator('.paper').first()).toContainText(number);
  const at = code.length - 20;
  expect((await stranger.goto(code.slice(0, at) + (code[at] === 'A' ? 'B' : 'A') + code.slice(at + 1)))!.status()).toBe(422);
});

test('a draft is left in the draft box and taken up again', async ({ page }) => {
  const me = somebody();
  await register(page, me);
  await begin(page);
  await business(page, 'EMS');
  await next(page, '基本信息');
  await person(page);
  await button(page, '暂存草稿箱').click();
  await expect(page.getByText('已保存到服务器的草稿箱')).toBeVisible();

  await page.goto('/matters?view=drafts');
  const row = ownMatter(page, '环境管理体系');
  await expect(row).toContainText('草稿');
  await row.getByRole('link', { name: '编辑' }).click();
  await expect(page.locator('[name=domain]')).toHaveValue('EMS');
  await next(page, '基本信息');
  await expect(page.locator('[name=address]')).toHaveValue('北京市海淀区示例路 1 号');
});

test('a record saved in the library is used in another application', { tag: '@both' }, async ({ page }) => {
  const me = somebody();
  await register(page, me);
  await begin(page);
  await fillAll(page, me.name);
  await begin(page);
  await page.goto(`/matters/${matterOf(page)}/edit/education`);
  await button(page, '从基本信息库添加').click();
  await page.getByLabel(/北京科技大学/).check();
  await button(page, '添加所选').click();
  await expect(page.getByText('北京科技大学 · 质量管理')).toBeVisible();
  await expect(page.locator('.record')).toHaveCount(1);
});

test('what is typed is saved without a click', async ({ page, javaScriptEnabled }) => {
  test.skip(javaScriptEnabled === false, 'without scripts every button saves');
  await register(page, somebody());
  await begin(page);
  await page.goto(`/matters/${matterOf(page)}/edit/person`, { waitUntil: 'networkidle' });
  await page.fill('[name=address]', '北京市朝阳区示例路 2 号');
  await expect(page.getByTestId('autosaved')).toContainText('已自动保存');
  await page.fill('[name=postcode]', '100020');
  await expect.poll(() => page.locator('form#edit [name=_rev]').inputValue()).toBe('2');
  await page.reload();
  await expect(page.locator('[name=address]')).toHaveValue('北京市朝阳区示例路 2 号');
  await expect(page.locator('[name=postcode]')).toHaveValue('100020');
});
