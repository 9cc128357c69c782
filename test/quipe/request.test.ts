/** Request and reply over ends: every way in which an answer may come, or fail to. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type End,
  type QuipeRequest,
  type Task,
  freeze,
  move,
  quipe,
  share,
  spawn,
} from "../../src/index.ts";
import { takeCensus } from "../../src/task/census.ts";
import { collect } from "../collector.ts";
import { hasCode } from "./ends.ts";

type Question = QuipeRequest;

function pair(): [End<Question, never>, End<never, Question>] {
  return quipe<Question, never>();
}

/** A task that does with each question what its value says. */
function serve(end: End<never, Question>): Task<void> {
  return spawn(
    async (questions: End<never, Question>) => {
      for await (const question of questions) {
        if (question.value === "drop") question.close();
        else if (question.value === "fail") question.fail(new RangeError("too much"));
        else if (question.value === "exit") {
          if ("process" in globalThis && "exit" in process) process.exit(3);
          (globalThis as unknown as { close(): void }).close();
          await new Promise(() => {}); // a thread of a browser ends when it returns to its event loop
        } else if (question.value === "return") return;
        else question.reply(question.value);
      }
    },
    [end],
  );
}

test("a request gets its answer, of any kind that can be sent", async () => {
  const [ask, answer] = pair();
  const server = serve(answer);
  for (const value of [1, "a", undefined, null, { deep: [1n, new Date(0)] }, "x".repeat(100_000)]) {
    assert.deepEqual(await ask.request(value), value);
  }
  const frozen = freeze({ big: [1, 2, 3] });
  assert.equal(await ask.request(frozen), frozen, "by reference, there and back");
  ask.close();
  await server.result;
});

test("many requests at once each get their own answer", async () => {
  const [ask, answer] = pair();
  const server = serve(answer);
  const numbers = Array.from({ length: 200 }, (_, i) => i);
  assert.deepEqual(await Promise.all(numbers.map((i) => ask.request(i))), numbers);
  ask.close();
  await server.result;
});

test("requests one after the other use one quipe for their answers, which goes with the task that asked", async () => {
  const before = await takeCensus();
  const [ask, answer] = pair();
  const server = serve(answer);
  await ask.request(0);
  const { buffers } = await takeCensus();
  for (let i = 1; i <= 50; i++) assert.equal(await ask.request(i), i);
  assert.ok(
    (await takeCensus()).buffers <= buffers,
    "fewer if some of tests before were collected",
  );
  const other = spawn(
    async (end: End<Question, never>) => {
      for (let i = 1; i <= 50; i++) await end.request(i);
      return (await Promise.all([end.request("a"), end.request("b")])).join("");
    },
    [ask],
  );
  assert.equal(await other.result, "ab");
  await server.result;
  while ((await takeCensus()).buffers > before.buffers) collect?.();
});

test("a quipe that has brought an answer brings no error of another request", async () => {
  const [ask, answer] = pair();
  const { outcome } = serve(answer); // asked for before it is there, or the crash would be raised here
  for (let i = 0; i < 3; i++) {
    assert.equal(await ask.request(i), i);
    await assert.rejects(ask.request("fail"), RangeError);
    assert.equal(await ask.request(i), i);
    await assert.rejects(ask.request("drop"), hasCode("broken"));
  }
  assert.equal(await ask.request("still there"), "still there");
  await assert.rejects(ask.request("exit"), hasCode("peer-killed"));
  assert.equal((await outcome).kind, "crashed");
});

test("an error of the one who answers is thrown as it is", async () => {
  const [ask, answer] = pair();
  const server = serve(answer);
  await assert.rejects(ask.request("fail"), (error: unknown) => {
    return error instanceof RangeError && error.message === "too much";
  });
  assert.equal(await ask.request("on"), "on");
  await server.kill();
});

test("a request that is closed without an answer is broken", async () => {
  const [ask, answer] = pair();
  const server = serve(answer);
  await assert.rejects(ask.request("drop"), hasCode("broken"));
  await server.kill();
});

test("whoever dies or ends with a request lets the asker know", async () => {
  const [ask, answer] = pair();
  const { outcome } = serve(answer);
  await assert.rejects(ask.request("exit"), hasCode("peer-killed"));
  await assert.rejects(ask.request("late"), hasCode("broken"), "nobody is left to ask");
  assert.equal((await outcome).kind, "crashed");

  const [askAgain, answerAgain] = pair();
  const ending = serve(answerAgain);
  await assert.rejects(askAgain.request("return"), hasCode("broken"));
  await ending.result;
});

test("an asker that gives up is told so, and whoever answers then as well", async () => {
  const [ask, answer] = pair();
  const asking = ask.request("slow", { timeoutMs: 1 });
  await assert.rejects(asking, hasCode("timed-out"));
  const question = await answer.receive();
  assert.equal(question.reply("too late"), false);

  const controller = new AbortController();
  const aborted = ask.request("never", { signal: controller.signal });
  controller.abort(new Error("changed my mind"));
  await assert.rejects(aborted, /changed my mind/);
  assert.equal((await answer.receive()).fail(new Error("late")), false);
});

test("a request is answered once, and can be answered after an answer that cannot be sent", async () => {
  const [ask, answer] = pair();
  const asking = ask.request("once");
  const question = await answer.receive();
  assert.throws(() => question.reply(Symbol("no") as never), hasCode("not-sendable"));
  assert.equal(question.reply("yes"), true);
  assert.throws(() => question.reply("again"), hasCode("closed"));
  assert.equal(await asking, "yes");
});

test("a request can be sent on to another task, which answers", async () => {
  const [ask, answer] = pair();
  const [pass, passed] = pair();
  const server = serve(passed);
  const asking = ask.request("passed on");
  const question = await answer.receive();
  await pass.send(question);
  assert.throws(() => question.reply("mine"), hasCode("moved"));
  assert.equal(await asking, "passed on");
  await server.kill();
});

test("a request and its answer may move things", async () => {
  const [ask, answer] = quipe<QuipeRequest<{ n: number }, { n: number }>, never>();
  const draft = share({ n: 1 });
  const asking = ask.request(move(draft));
  const question = await answer.receive();
  question.value.n += 1;
  question.reply(move(question.value));
  const back = await asking;
  back.n += 1;
  assert.equal(back.n, 3);
});

test("a request that cannot be sent is refused with its path, and nothing was asked", async () => {
  const [ask, answer] = pair();
  await assert.rejects(ask.request({ f: () => 1 }), /\$\.value\.f cannot be sent/);
  assert.equal(answer.tryReceive(), undefined);
});

test("a request to nobody is broken, and one over a closed end closed", async () => {
  const [ask, answer] = pair();
  answer.close();
  await assert.rejects(ask.request(1), hasCode("broken"));
  ask.close();
  await assert.rejects(ask.request(1), hasCode("closed"));
});
