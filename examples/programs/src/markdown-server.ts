/**
 * Serves Markdown files as pages, under load: rendered on the main thread first, and then on a pool.
 *
 *     npm run example -- markdown-server [DIR [SECONDS]]
 *
 * While the main thread renders, its event loop stands still, and everything else is late. With a pool it only passes
 * texts on. Without DIR it serves the documentation in node_modules; it is asked for SECONDS, usually 2, each way.
 */
import type { FastifyInstance } from 'fastify';
import { isMain, ThreadPool } from 'heddle';
import markdownIt from 'markdown-it';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const markdown = markdownIt({ html: true, linkify: true, typographer: true });

/** What is done for each page, wherever. */
export function render(text: string): string {
  return `<!doctype html>\n<meta charset="utf-8">\n${markdown.render(text)}`;
}

type Renderer = (text: string) => string | PromiseLike<string>;

/** Serves these texts at /0, /1, /2 …, as the pages that `page` makes of them. */
export async function serverOf(texts: readonly string[], page: Renderer): Promise<FastifyInstance> {
  const { fastify } = await import('fastify'); // not above: the threads of the pool need no server
  const server = fastify();
  server.get<{ Params: { n: string } }>('/:n', async ({ params }, reply) => {
    const text = texts[Number(params.n)];
    if (text === undefined) throw new RangeError(`there is no page ${params.n}`);
    return reply.type('text/html').send(await page(text));
  });
  return server;
}

/** Has sixteen clients ask for one page after another, and prints how that went. */
async function measure(name: string, texts: string[], page: Renderer, duration: number): Promise<void> {
  const server = await serverOf(texts, page);
  const { default: autocannon } = await import('autocannon');
  const url = await server.listen({ port: 0, host: '127.0.0.1' });
  const requests = texts.map((_, n) => ({ path: `/${n}` }));
  const loop = monitorEventLoopDelay({ resolution: 1 });
  loop.enable();
  // `workers: 1` gives the clients a thread of their own.
  const its = await autocannon({ url, requests, duration, connections: 16, workers: 1 });
  loop.disable();
  await server.close();
  if (its.errors + its.non2xx > 0) throw new Error(`${its.errors + its.non2xx} requests failed`);
  const late = [loop.percentile(99) / 1e6, loop.max / 1e6];
  const figures = [its.requests.average, its.latency.p50, its.latency.p99, ...late];
  console.log(name.padEnd(9) + figures.map((figure) => figure.toFixed(1).padStart(11)).join(''));
}

if (isMain(import.meta)) {
  const [folder = 'node_modules', seconds = '2', ...more] = process.argv.slice(2);
  const isFolder = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  if (!isFolder || !(Number(seconds) >= 1 && Number(seconds) <= 60) || more.length > 0) {
    console.error('markdown-server: give a folder, and a number of seconds from 1 to 60, in this order');
    process.exit(2);
  }
  const texts = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .filter((text) => text.length < 50_000)
    .sort((a, b) => b.length - a.length)
    .slice(0, 100);
  if (texts.length === 0) throw new Error(`there is no Markdown below ${folder}`);
  console.log(
    `${texts.length} files, ${Math.round(texts.join('').length / 1000)} KB of Markdown; 16 clients\n`,
  );
  console.log('             pages/s  answer, ms       99 %   late, ms    at most');
  await using pool = new ThreadPool();
  await measure('on main', texts, render, Number(seconds));
  await measure('on a pool', texts, (text) => pool.submit(render, text), Number(seconds));
}
