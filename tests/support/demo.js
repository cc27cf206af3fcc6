// Runs the real program as a person would: `nhipcau demo --json`, on its own directory and port; it can be killed and started again.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, request } from "node:https";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** The program under test. */
export const PROGRAM = process.env.NHIPCAU ?? new URL("../../target/debug/nhipcau", import.meta.url).pathname;

/**
 * @typedef {object} Ready
 * @property {string} url
 * @property {number} conference
 * @property {Record<string, string>} logins
 * @property {string} api_token
 * @property {number} sites
 * @property {number} pid
 */

/** One demo in a directory of its own. */
export class Demo {
  /** Everybody who took a seat here. @type {import("@playwright/test").BrowserContext[]} */
  seats = [];

  /** @param {{ sites: number, quiet?: boolean, directory?: string }} wanted in a directory of its own, or this one */
  static async start(wanted) {
    const directory = wanted.directory ?? mkdtempSync(join(tmpdir(), "nhipcau-scenario-"));
    const demo = new Demo(directory, await freePort(), wanted);
    await demo.run();
    return demo;
  }

  /**
   * @param {string} directory
   * @param {number} port
   * @param {{ sites: number, quiet?: boolean }} wanted
   */
  constructor(directory, port, wanted) {
    this.directory = directory;
    this.port = port;
    this.wanted = wanted;
    /** @type {import("node:child_process").ChildProcess | undefined} */
    this.child = undefined;
    /** @type {Ready} */
    this.ready = /** @type {Ready} */ (/** @type {unknown} */ (undefined));
    this.log = "";
  }

  /** Starts (again) on the same directory and port, and waits for the ready line. */
  async run() {
    const args = [
      "demo",
      "--json",
      "--sites",
      `${this.wanted.sites}`,
      "--port",
      `${this.port}`,
      "--data",
      this.directory,
    ];
    // `--quiet-script`: sites join and stay, and nothing else happens by itself.
    if (this.wanted.quiet) args.push("--quiet-script");
    const child = spawn(PROGRAM, args, { stdio: ["ignore", "pipe", "pipe"] });
    this.child = child;
    child.stderr?.on("data", (chunk) => {
      this.log = (this.log + chunk).slice(-20_000);
    });
    const lines = createInterface({ input: /** @type {import("node:stream").Readable} */ (child.stdout) });
    this.ready = await new Promise((resolve, reject) => {
      lines.once("line", (line) => resolve(JSON.parse(line)));
      child.once("exit", (code, signal) =>
        reject(new Error(`demo ended early (${code ?? signal}):\n${this.log}`)),
      );
    });
  }

  /** Pulls the plug. */
  async kill() {
    await this.#end("SIGKILL");
  }

  async stop() {
    // Pages left open go on playing and dialling, and take the processor from every scenario that follows.
    await Promise.all(this.seats.map((context) => context.close().catch(() => {})));
    await this.#end("SIGTERM");
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** @param {NodeJS.Signals} signal */
  async #end(signal) {
    const child = this.child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await gone;
  }

  /**
   * The JSON API with the demo's token.
   * @param {string} path
   * @param {{ method?: string, body?: unknown, token?: string }} [options]
   * @returns {Promise<{ status: number, body: any, type: string }>}
   */
  api(path, options = {}) {
    const body = options.body === undefined ? undefined : JSON.stringify(options.body);
    const agent = new Agent({ rejectUnauthorized: false });
    return new Promise((resolve, reject) => {
      const call = request(
        `${this.ready.url.replace(/\/$/, "")}${path}`,
        {
          agent,
          method: options.method ?? (body === undefined ? "GET" : "POST"),
          headers: {
            authorization: `Bearer ${options.token ?? this.ready.api_token}`,
            ...(body === undefined ? {} : { "content-type": "application/json" }),
          },
        },
        (answer) => {
          let text = "";
          answer.setEncoding("utf8");
          answer.on("data", (chunk) => {
            text += chunk;
          });
          answer.on("end", () => {
            const type = answer.headers["content-type"] ?? "";
            resolve({
              status: answer.statusCode ?? 0,
              type,
              body: type.includes("json") ? JSON.parse(text) : text,
            });
          });
        },
      );
      call.on("error", reject);
      call.end(body);
    });
  }

  /** State of each site by slug. */
  async sites() {
    const { body } = await this.api(`/api/v1/conferences/${this.ready.conference}`);
    return Object.fromEntries(body.sites.map((/** @type {any} */ site) => [site.slug, site.state]));
  }
}

/** A port that was free a moment ago, for TCP and UDP alike. @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(/** @type {import("node:net").AddressInfo} */ (address).port));
    });
  });
}
