import { expect, test } from '@playwright/test';
import { register, signIn, signedInPage, somebody } from './support/people';
import { button, decide, file, matterOf, next, send } from './support/wizard';

test('a person changes name and document from 账号与安全; two people decide, and the account follows', { tag: '@both' }, async ({ page, browser }) => {
  test.setTimeout(180_000);
  const [person, changed] = [somebody(), somebody()];
  await register(page, person, []);
  await page.goto('/me/security');
  await page.locator('.row', { hasText: '信息变更申请' }).getByRole('link').first().click();
  await button(page, '在线办理').click();
  await expect(page.getByRole('heading', { level: 1, name: '变更事项' })).toBeVisible();
  const matter = matterOf(page);
  expect(await page.locator('main').innerText()).not.toContain(person.document);
  await page.check('[name=changes][value=name]');
  await page.check('[name=changes][value=document]');
  await page.check('[name=reason][value=renamed]');
  await next(page, '变更后的信息');
  await page.fill('[name=new_name]', '张明媛');
  await page.selectOption('[name=document_type]', 'resident_id');
  await page.fill('[name=document_number]', changed.document.slice(0, 17) + (changed.document.endsWith('1') ? '2' : '1'));
  await button(page, '下一步').click();
  await expect(page.locator('#e-document_number')).toContainText('校验位不符');
  await page.fill('[name=document_number]', changed.document);
  await next(page, '材料与声明');
  for (const name of ['document_front', 'document_back', 'name_proof']) {
    await page.setInputFiles(`[name=${name}]`, file(`${name}.jpg`));
  }
  await page.check('[name=declared]');
  await page.fill('[name=signed_name]', person.name);
  await next(page, '核对并提交');
  await send(page, '提交申请');

  const officer = await signedInPage(browser, 'officer');
  await officer.goto(`/matters/${matter}`);
  await expect(officer.getByText(changed.document)).toBeVisible();
  await decide(officer, matter, 'propose', '同意，提交批准', '证件清晰。');
  await expect(officer.getByText(changed.document)).toHaveCount(0);
  const approver = await signedInPage(browser, 'approver2');
  await decide(approver, matter, 'approve', '批准');

  await page.goto('/me/profile');
  await expect(page.getByRole('heading', { name: '登录' })).toBeVisible();
  await signIn(page, person.account, person.password);
  await page.goto('/me/profile');
  await expect(page.locator('main').getByText('张明媛').first()).toBeVisible();
});
