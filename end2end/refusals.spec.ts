import { type Page, expect, test } from '@playwright/test';
import { randomUUID } from 'node:crypto';
import { signedInPage, fillRegistration, register, signIn, somebody } from './support/people';
import { begin, button, file, fillAll, matterOf } from './support/wizard';

/** Presses a button and says with which status the page came back. */
async function clickFor(page: Page, name: string): Promise<number> {
  const [response] = await Promise.all([
    // Ignore responses to automatic saves; wait for the response to the button.
    page.waitForResponse((r) => r.request().method() === 'POST' && !new URL(r.url()).pathname.startsWith('/api/')),
    button(page, name).click(),
  ]);
  return response.status();
}

/** Posts a form with the session of a page, as if a page of `origin` had sent it; says the status. */
async function post(page: Page, path: string, form: Record<string, string>, origin = new URL(page.url()).origin): Promise<number> {
  const answer = await page.request.post(path, { form, headers: { origin }, maxRedirects: 0 });
  return answer.status();
}

test('a wrong check digit is reported while typing and again by the server', async ({ page }) => {
  const me = somebody();
  const wrong = me.document.slice(0, 17) + (me.document.endsWith('1') ? '2' : '1');
  await page.goto('/register/individual');
  await page.waitForFunction(() => document.querySelector('[data-testid=derived]')?.closest('.fields')?.querySelector('.hidden'));
  await page.fill('[name=document_number]', me.document);
  await expect(page.getByTestId('derived')).toContainText(/性别.+出生日期/);
  await fillRegistration(page, { ...me, document: wrong });
  await expect(page.getByTestId('derived')).toContainText('校验位不符');
  expect(await clickFor(page, '下一步')).toBe(422);
  await expect(page.locator('#e-document_number')).toContainText('校验位不符');
  await expect(page.locator('[name=document_number]')).toHaveValue(wrong);
  await expect(page.locator('[name=name]')).toHaveValue(me.name);
});

test('a mobile number in use is reported at its field', async ({ page }) => {
  const me = somebody();
  await page.goto('/register/individual');
  await fillRegistration(page, { ...me, mobile: '13800000001' });
  expect(await clickFor(page, '下一步')).toBe(422);
  await expect(page.locator('#e-mobile')).toContainText('该手机号码已注册');
  await expect(page.locator('[name=account]')).toHaveValue(me.account);
});

test('a field is checked when it is left, and the corrected form goes on', async ({ page, javaScriptEnabled }) => {
  test.skip(javaScriptEnabled === false, 'without scripts 下一步 checks the whole form');
  const me = somebody();
  await page.goto('/register/individual', { waitUntil: 'networkidle' });
  for (const [name, wrong, text, right] of [
    ['mobile', '1380000', '手机号码', me.mobile],
    ['mobile', '13800000001', '该手机号码已注册', me.mobile],
    ['account', 'applicant', '该登录账号已被使用', me.account],
    ['document_number', '11010119900307002X', '该证件号码已注册', me.document],
  ] as const) {
    const [field, fault] = [page.locator(`[name=${name}]`), page.locator(`#e-${name}`)];
    await field.fill(wrong);
    await field.blur();
    await expect(fault).toContainText(text);
    await expect(field).toHaveAccessibleDescription(new RegExp(text));
    await field.fill(right);
    await field.blur();
    await expect(fault).toBeHidden();
  }
  await fillRegistration(page, me);
  await button(page, '下一步').click();
  await expect(page.getByRole('heading', { level: 1, name: '手机验证' })).toBeVisible();
});

test('a wrong code and a second code within two minutes are refused', async ({ page }) => {
  const me = somebody();
  await page.goto('/register/individual');
  await fillRegistration(page, me);
  await button(page, '下一步').click();
  await button(page, '发送短信').click();
  await expect(page.getByTestId('countdown')).toBeVisible();
  expect(await clickFor(page, '重新发送短信')).toBe(429);
  await expect(page.locator('#e-code')).toContainText('每 2 分钟只能发送一次');
  await page.fill('[name=code]', '000000');
  expect(await clickFor(page, '确认注册')).toBe(422);
  await expect(page.locator('#e-code')).toContainText('验证码不正确');
  await expect(page.locator('[name=code]')).toHaveValue('000000');
});

test('a day that does not exist and files that are not taken lose nothing that was typed', async ({ page }) => {
  await register(page, somebody());
  await begin(page);
  const matter = matterOf(page);
  await page.goto(`/matters/${matter}/edit/person`);
  await page.fill('[name=name_pinyin]', 'Zhang Mingyuan');
  await page.fill('[name=entry_date]', '2023-02-29');
  expect(await clickFor(page, '下一步')).toBe(422);
  await expect(page.locator('#e-entry_date')).toContainText('日期不存在');
  await expect(page.locator('[name=name_pinyin]')).toHaveValue('Zhang Mingyuan');
  await expect(page.locator('[name=entry_date]')).toHaveValue('2023-02-29');

  await page.goto(`/matters/${matter}/edit/training`);
  await button(page, '添加培训经历').click();
  await page.fill('[name=content]', '质量管理体系课程');
  await page.setInputFiles('[name=proof]', file('扫描件.jpg', 'image/jpeg', Buffer.alloc(12 << 20, 1)));
  const line = page.getByTestId('upload');
  await expect(line).toContainText('超过 5 MB');
  await button(line, '移除').click();
  await expect(line).toHaveCount(0);
  await expect(page.locator('[name=content]')).toHaveValue('质量管理体系课程');

  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
  await page.setInputFiles('[name=proof]', file('照片.jpg', 'image/jpeg', svg));
  expect(await clickFor(page, '保存')).toBe(422);
  await expect(page.locator('#e-proof')).toContainText('只能上传 JPG、PNG、PDF 文件');
  await expect(page.locator('[name=content]')).toHaveValue('质量管理体系课程');
});

test('an older revision is not submitted', async ({ page, context }) => {
  const me = somebody();
  await register(page, me);
  await begin(page);
  const matter = matterOf(page);
  await fillAll(page, me.name);
  const tab = await context.newPage();
  await tab.goto(`/matters/${matter}/edit/person`);
  await tab.fill('[name=postcode]', '100081');
  await button(tab, '暂存草稿箱').click();
  await expect(tab.getByText('已保存到服务器的草稿箱')).toBeVisible();
  expect(await clickFor(page, '提交')).toBe(409);
  await expect(page.getByText('内容在别处有更新')).toBeVisible();
  await expect(page.getByText('100081').first()).toBeVisible();
});

test('another person sees and decides nothing', { tag: '@both' }, async ({ page, browser }) => {
  const me = somebody();
  await register(page, me);
  await begin(page);
  const matter = matterOf(page);
  const stranger = await browser.newPage();
  await signIn(stranger, 'inst-b');
  for (const path of ['', '/review', '/edit/person']) {
    const answer = await stranger.goto(`/matters/${matter}${path}`);
    expect(answer!.status()).toBe(404);
  }
  expect((await stranger.goto('/association'))!.status()).toBe(403);
  expect((await page.goto('/institution'))!.status()).toBe(403);
  await expect(page.getByText('您没有办理此项业务的权限')).toBeVisible();
});

test('whose turn it is not decides nothing, whatever is posted', { tag: '@both' }, async ({ page, browser }) => {
  const me = somebody();
  await register(page, me);
  await begin(page);
  const matter = matterOf(page);
  await fillAll(page, me.name);
  expect(await clickFor(page, '提交')).toBe(303);
  await expect(page.getByRole('heading', { name: '操作完成' })).toBeVisible();

  const pass = { _action: 'pass', note: '冒名的意见', _key: '' };
  expect([403, 404, 409]).toContain(await post(page, `/matters/${matter}`, { ...pass, _key: randomUUID() }));
  for (const account of ['officer', 'inst-b', 'expert1']) {
    const other = await signedInPage(browser, account);
    expect([403, 404, 409], account).toContain(await post(other, `/matters/${matter}`, { ...pass, _key: randomUUID() }));
    const approve = { _action: 'approve', note: '', _key: randomUUID() };
    expect([403, 404, 409], account).toContain(await post(other, `/matters/${matter}`, approve));
    await other.close();
  }

  const institution = await signedInPage(browser, 'inst-a');
  await institution.goto(`/matters/${matter}`);
  await expect(institution.getByText('机构初核中').first()).toBeVisible();
  await expect(institution.locator('form[data-move=pass]')).toBeVisible();
  await expect(institution.getByText('冒名的意见')).toHaveCount(0);
  // The same post succeeds for the user whose turn it is.
  const seen = await institution.locator('form[data-move=pass] input[name=_seen]').inputValue();
  expect(await post(institution, `/matters/${matter}`, { ...pass, note: '', _key: randomUUID(), _seen: seen })).toBe(303);
  await institution.goto(`/matters/${matter}`);
  await expect(institution.getByText('待个人缴费').first()).toBeVisible();
});

test('a post from a page of another site is refused and changes nothing', async ({ page }) => {
  await register(page, somebody());
  await begin(page);
  const path = `/matters/${matterOf(page)}/edit/person`;
  const form = { _rev: '0', _action: 'save', address: '上海市示例路 9 号' };
  await page.goto(path);
  for (const origin of ['https://evil.example', 'null']) {
    expect(await post(page, path, form, origin), origin).toBe(403);
  }
  await page.reload();
  await expect(page.locator('[name=address]')).toHaveValue('');
  // The same post succeeds from the same origin.
  form._rev = await page.locator('form#edit [name=_rev]').inputValue();
  expect(await post(page, path, form)).toBe(303);
  await page.reload();
  await expect(page.locator('[name=address]')).toHaveValue('上海市示例路 9 号');
});
