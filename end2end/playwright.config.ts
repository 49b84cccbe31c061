import { defineConfig } from '@playwright/test';

// The system's Chromium; Playwright's build is not downloaded.
const launchOptions = {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};

const phone = { width: 390, height: 844 };
const desktop = { width: 1280, height: 800 };

export default defineConfig({
  testDir: '.',
  timeout: 90_000,
  expect: { timeout: 10_000 },
  fullyParallel: true,
  workers: 2,
  // A machine that is busy elsewhere can break the timing of a journey. What passes only when tried again is reported.
  retries: 1,
  outputDir: '.results',
  use: {
    baseURL: process.env.BASE_URL ?? 'http://127.0.0.1:3000',
    locale: 'zh-CN',
    launchOptions,
  },
  projects: [
    { name: 'phone', use: { viewport: phone } },
    { name: 'desktop', use: { viewport: desktop } },
    { name: 'phone-without-scripts', testMatch: /journey/, use: { viewport: phone, javaScriptEnabled: false } },
  ],
});
