import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type BrowserContext, type Page, chromium, test } from '@playwright/test';
import { DEMO_PASSWORD, signIn } from './people';

const ROOT = resolve(import.meta.dirname, '../..');

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

/** A server process of one test, which can be stopped and started. */
export class TestServer {
  private process: ChildProcess | null = null;
  private port = 0;
  private data = '';

  /** Gives it a port and a folder, and starts it. */
  async open(): Promise<void> {
    this.port = await freePort();
    this.data = mkdtempSync(join(tmpdir(), 'registrar-server-'));
    await this.start();
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts the server unless it is running. */
  async start(): Promise<void> {
    if (this.process !== null) return;
    const program = process.env.REGISTRAR ?? 'target/debug/registrar';
    const { DATABASE_URL: _, ...env } = process.env;
    this.process = spawn(program, ['serve', '--demo'], {
      cwd: ROOT,
      env: { ...env, DATA_DIR: this.data, PORT: String(this.port), DEMO_CROWD: '0' },
      stdio: 'ignore',
    });
    for (let tries = 0; tries < 400; tries += 1) {
      const ready = await fetch(`${this.url}/readyz`).then((r) => r.ok, () => false);
      if (ready) return;
      await pause(150);
    }
    throw new Error('the server did not become ready');
  }

  /** Runs a command of `registrar admin` on its data. */
  admin(...command: string[]): void {
    const { DATABASE_URL: _, ...env } = process.env;
    execFileSync(process.env.REGISTRAR ?? 'target/debug/registrar', ['admin', ...command], { cwd: ROOT, env: { ...env, DATA_DIR: this.data } });
  }

  async stop(): Promise<void> {
    const running = this.process;
    if (running === null) return;
    this.process = null;
    running.kill('SIGTERM');
    if (running.exitCode === null) await once(running, 'exit');
  }

  async close(): Promise<void> {
    await this.stop();
    if (this.data) rmSync(this.data, { recursive: true, force: true });
  }
}

/** A browser with a persistent profile, which can be killed. */
export class Device {
  private process: ChildProcess | null = null;
  readonly profile = mkdtempSync(join(tmpdir(), 'registrar-device-'));
  context!: BrowserContext;

  async start(): Promise<Page> {
    const port = join(this.profile, 'DevToolsActivePort');
    rmSync(port, { force: true });
    this.process = spawn(
      process.env.CHROMIUM ?? '/usr/bin/chromium',
      [
        '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
        '--disable-component-update', '--disable-sync', '--lang=zh-CN', '--window-size=390,844',
        '--remote-debugging-port=0', `--user-data-dir=${this.profile}`, 'about:blank',
      ],
      { stdio: 'ignore', detached: true },
    );
    for (let tries = 0; !existsSync(port) || !readFileSync(port, 'utf8').includes('\n'); tries += 1) {
      if (tries > 200) throw new Error('the browser did not start');
      await pause(100);
    }
    const [number] = readFileSync(port, 'utf8').split('\n');
    const browser = await chromium.connectOverCDP(`http://127.0.0.1:${number}`);
    this.context = browser.contexts()[0]!;
    return this.context.pages()[0] ?? this.context.newPage();
  }

  /** Kills every process of the browser at once, as a power failure does. */
  async kill(): Promise<void> {
    const running = this.process;
    if (running?.pid === undefined) return;
    this.process = null;
    process.kill(-running.pid, 'SIGKILL');
    if (running.exitCode === null && running.signalCode === null) await once(running, 'exit');
  }

  /** Closes the browser normally, so that it writes its profile. */
  async close(): Promise<void> {
    const running = this.process;
    if (running === null) return;
    this.process = null;
    const session = await this.context.browser()!.newBrowserCDPSession();
    const gone = once(running, 'exit');
    await session.send('Browser.close').catch(() => undefined);
    await gone;
  }

  /** Files of the profile that contain one of these texts, in UTF-8 or UTF-16; optionally only files with matching names. */
  find(texts: string[], named = /./): string[] {
    const needles = texts.flatMap((t) => [Buffer.from(t, 'utf8'), Buffer.from(t, 'utf16le')]);
    const found: string[] = [];
    for (const name of readdirSync(this.profile, { recursive: true, encoding: 'utf8' })) {
      if (!named.test(name)) continue;
      const path = join(this.profile, name);
      if (!statSync(path, { throwIfNoEntry: false })?.isFile()) continue;
      const bytes = readFileSync(path);
      if (needles.some((needle) => bytes.includes(needle))) found.push(name);
    }
    return found;
  }

  remove(): void {
    rmSync(this.profile, { recursive: true, force: true });
  }
}

/**
 * The server process and the browsers of one file of journeys, which stops the one and kills the others. The file runs with scripts, in one
 * project and over one database, as the browser is the same in all.
 */
export function ownServer(project: 'desktop' | 'phone') {
  const server = new TestServer();
  let devices: Device[] = [];
  test.skip(({ javaScriptEnabled }) => javaScriptEnabled === false, 'nothing is saved by itself without scripts');
  test.skip(() => process.env.DATABASE_KIND === 'postgres', 'the browser is the same over either database');
  test.beforeAll(async ({}, info) => {
    test.skip(info.project.name !== project, 'one size is enough');
    await server.open();
  });
  test.afterAll(async () => server.close());
  test.beforeEach(async () => server.start());
  test.afterEach(async () => {
    for (const device of devices) {
      await device.kill();
      device.remove();
    }
    devices = [];
  });
  return {
    server,
    newDevice: async (): Promise<{ device: Device; page: Page }> => {
      const device = new Device();
      devices.push(device);
      return { device, page: await device.start() };
    },
    signIn: (page: Page, account: string, own = false) => signIn(page, account, DEMO_PASSWORD, { origin: server.url, own }),
  };
}
