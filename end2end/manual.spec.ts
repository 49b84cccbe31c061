// Chapters 1, 2 and 3.1 of the manual of the individual's side (docs/manual.md), sentence by sentence, by its own words.
import { type Page, expect, test } from '@playwright/test';
import { details, link, row, takeUpReturned } from './support/manual';
import { codeFor, fillRegistration, passExams, signIn, signedInPage, somebody } from './support/people';
import { attachments, button, conform, decide, education, file, largePdf, matterOf, next, person, respond, sendBack, verdict } from './support/wizard';

test.use({ actionTimeout: 20_000 });
test.beforeEach(({}, info) => test.skip(info.project.name !== 'desktop', 'one size is enough'));

test('chapters 1 and 2, and 3.1: from the log-in page to a certificate', async ({ page, browser }) => {
  test.setTimeout(420_000);
  const me = somebody();

  await test.step('1.1 登录首页; 2.1 点击立即注册，选择个人注册选项，进入个人注册页面', async () => {
    await page.goto('/login');
    await link(page, '立即注册').click();
    await link(page, /个人注册/).click();
    await expect(page.getByRole('heading', { level: 1, name: '个人注册' })).toBeVisible();
  });

  await test.step('2.2 根据身份证号自动获取用户性别和出生日期；自动验证证件号码、手机号码、邮箱，判断是否重复注册', async () => {
    await page.waitForLoadState('networkidle');
    await page.fill('[name=document_number]', me.document);
    await expect(page.getByTestId('derived')).toContainText(/性别：.+出生日期：/);
    for (const [name, used] of [['document_number', '11010119900307002X'], ['mobile', '13800000001'], ['email', 'applicant@example.com']] as const) {
      await page.fill(`[name=${name}]`, used);
      await page.locator(`[name=${name}]`).blur();
      await expect(page.locator(`#e-${name}`)).toContainText('已注册');
    }
    await fillRegistration(page, me);
  });

  await test.step('2.2 点击下一步，进行手机验证，点击发送短信（2 分钟内有效，每 2 分钟只能发送一次），填写短信验证码，点击确认注册', async () => {
    await button(page, '下一步').click();
    await expect(page.getByRole('heading', { level: 1, name: '手机验证' })).toBeVisible();
    await expect(page.getByText('验证码 2 分钟内有效，每 2 分钟只能发送一次')).toBeVisible();
    await button(page, '发送短信').click();
    await page.getByLabel('短信验证码').fill(await codeFor(page.request, me.mobile));
    await button(page, '确认注册').click();
    await expect(page.getByRole('heading', { name: '注册成功' })).toBeVisible();
  });

  await test.step('2.2 点击返回登录，可以以注册账户和密码进行登录，个人登录成功', async () => {
    await link(page, '返回登录').click();
    await signIn(page, me.account, me.password);
    await passExams(page, me.account, ['GEN', 'QMS']);
  });

  await test.step('3.1.1 从常用服务进入, 或点击在线申请，在页面点击人员注册在线办理，进入业务办理界面', async () => {
    await page.goto('/');
    await expect(page.getByRole('heading', { name: '常用服务' })).toBeVisible();
    await link(page, /人员注册申请/).click();
    await expect(page.getByRole('heading', { level: 1, name: '人员注册申请' })).toBeVisible();
    await link(page.getByRole('navigation', { name: '主导航' }), '在线申请').click();
    await button(row(page, '人员注册申请') as unknown as Page, '在线办理').click();
    await expect(page.getByRole('heading', { level: 1, name: '选择业务' })).toBeVisible();
  });

  const matter = matterOf(page);
  await test.step('3.1.2 点击暂存草稿箱保存草稿; 个人中心，我的事项，点击编辑，继续填报业务', async () => {
    await page.check('[name=application_kind][value=initial]');
    await page.selectOption('[name=domain]', 'QMS');
    await page.check('[name=grade][value=trainee]');
    await page.selectOption('[name=recommending_institution]', { label: '华信质量认证中心有限公司' });
    // 3.1.4 若申请时缴费方式为个人缴费
    await page.getByLabel(/个人缴费/).check();
    await button(page, '暂存草稿箱').click();
    await link(page, /个人中心/).click();
    await link(page.locator('main'), /我的事项/).click();
    await page.locator(`.table a[href*="/matters/${matter}/"]`, { hasText: '编辑' }).click();
    await expect(page.locator('[name=domain]')).toHaveValue('QMS');
    await next(page, '基本信息');
  });

  await test.step('3.1.1 点击“添加”按钮直接添加或点击“从基本信息库添加”从已有的经历中勾选', async () => {
    await person(page);
    await next(page, '教育经历');
    await expect(page.locator('button[value="add:education"]')).toHaveText(/^添加/);
    await education(page);
    await next(page, '工作经历');
    await button(page, '从基本信息库添加').click();
    await expect(page.getByRole('heading', { level: 1, name: '从基本信息库添加工作经历' })).toBeVisible();
    await link(page, '返回').click();
    await next(page, '培训经历');
  });

  await test.step('3.1.1 填报完成后，点击下一步，所有信息完成后，进入操作完成界面，提示业务已提交', async () => {
    await next(page, '考试成绩');
    await next(page, '附件');
    await attachments(page);
    await next(page, '声明与承诺');
    await page.check('[name=declared]');
    await page.fill('[name=signed_name]', me.name);
    await next(page, '核对并提交');
    await button(page, '提交').click();
    await expect(page.getByRole('heading', { level: 1, name: '操作完成' })).toBeVisible();
    await expect(page.getByText('业务已提交')).toBeVisible();
  });

  const institution = await signedInPage(browser, 'inst-a');
  await test.step('3.1.3 若业务被退回整改，可以点击编辑，进行业务编辑界面，重新编辑后提交', async () => {
    await details(page, matter);
    await expect(page.getByText('机构初核').first()).toBeVisible();
    await sendBack(institution, matter, ['postcode'], '退回修改', '请补充邮政编码。');
    await takeUpReturned(page, matter, '请补充邮政编码。');
    await page.fill('[name=postcode]', '100080');
    await next(page, '教育经历');
    await respond(page, matter, '已补充。');
    await button(page, '重新提交').click();
    await expect(page.getByRole('heading', { level: 1, name: '操作完成' })).toBeVisible();
  });

  await test.step('3.1.4 机构初核完成后，查看详情进行缴费; 选择缴费方式，勾选是否开具发票，需要时填写发票信息', async () => {
    await decide(institution, matter, 'pass', '初核通过');
    await details(page, matter);
    await link(page, '缴费').click();
    await expect(page.getByText('缴费方式').first()).toBeVisible();
    await page.getByLabel(/线上缴费/).check();
    await expect(button(page, '在线支付')).toBeVisible();
    await page.getByLabel('需要开具发票').check();
    await page.locator('[name=invoice_kind]').first().check();
    await page.check('[name=title_type][value=personal]');
    await page.fill('[name=buyer_name]', me.name);
    await page.fill('[name=receiver_email]', me.email);
  });

  await test.step('3.1.4 选择线下缴费时，需要上传缴费凭证，完成线下支付', async () => {
    await page.getByLabel(/线下缴费/).check();
    const number = `BANK${me.mobile}`;
    await page.fill('[name=remitter]', me.name);
    await page.fill('[name=remitted_on]', new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10));
    await page.fill('[name=remitted_amount]', '200');
    await page.fill('[name=remittance_no]', number);
    await page.setInputFiles('[name=voucher]', file(`${number}.pdf`, 'application/pdf', largePdf(2_000, number)));
    await button(page, '提交缴费凭证').click();
    await expect(page.getByText('待核验').first()).toBeVisible();
    const finance = await signedInPage(browser, 'finance');
    await finance.goto('/association/payments');
    await finance.locator('[data-order]', { hasText: `${number}.pdf` }).getByRole('button', { name: '核验通过，确认到账' }).click();
    await expect(finance.locator('[data-order]', { hasText: `${number}.pdf` }).getByRole('button', { name: '核验通过，确认到账' })).toHaveCount(0);
    await details(page, matter);
    await expect(page.getByText('协会受理中').first()).toBeVisible();
  });

  const officer = await signedInPage(browser, 'officer');
  await test.step('3.1.5 收到待评价业务消息提醒; 点击该提醒内容直接跳转; 个人中心下专家评价，选择人员注册; 可以查询条件进行搜索查询', async () => {
    await decide(officer, matter, 'accept', '受理');
    await officer.goto(`/matters/${matter}/assign`);
    await officer.getByLabel(/沈文博/).check();
    await officer.getByLabel(/郑雅琴/).check();
    await button(officer, '指派专家').click();
    await officer.waitForURL(`**/matters/${matter}`);
    const expert = await signedInPage(browser, 'expert1');
    await expert.goto('/me');
    await link(expert, /消息提醒/).click();
    await link(expert, '待评价业务提醒：人员注册').click();
    await expert.waitForURL(`**/expert/registrations/${matter}`);
    await expert.goto('/me');
    await link(expert.locator('main'), /专家评价/).click();
    await link(expert.locator('main'), /人员注册/).click();
    await expect(expert.locator('form', { hasText: '查询' }).first()).toBeVisible();
    await expert.locator(`a[href="/expert/registrations/${matter}"]`).first().click();
    await expect(expert.getByText('评价结果').first()).toBeVisible();
    await expect(expert.getByText('专家评价意见').first()).toBeVisible();
    await conform(expert, matter);
  });

  await test.step('3.1.5 对每条经历进行审核，若某项审核不通过时，选择不符合项，将自动补充到专家评价意见中。选择评价结果，点击提交', async () => {
    const expert = await signedInPage(browser, 'expert2');
    await expert.goto('/me');
    await link(expert.locator('main'), /专家评价/).click();
    await link(expert.locator('main'), /人员注册/).click();
    await expert.locator(`a[href="/expert/registrations/${matter}"]`).first().click();
    await verdict(expert, '教育经历第 1 条', 'bad');
    const record = expert.locator('.record', { hasText: '北京科技大学' });
    await record.getByLabel('学历信息与证书记载不一致').check();
    await expect(expert.getByLabel('专家评价意见')).toHaveValue(/教育经历第 1 条.+学历信息与证书记载不一致/);
    // Seen again, the record conforms.
    await record.getByLabel('学历信息与证书记载不一致').uncheck();
    await conform(expert, matter);
  });

  await test.step('3.1 成为某领域认证人员，并颁发证书', async () => {
    await decide(officer, matter, 'propose', '同意，提交批准');
    await decide(await signedInPage(browser, 'admin'), matter, 'approve', '批准');
    await details(page, matter);
    await expect(page.getByText('已批准').first()).toBeVisible();
    await expect(page.locator('a[href^="/verify/"]').first()).toHaveText(/\d{4}-N0QMS-\d{7}/);
  });
});
