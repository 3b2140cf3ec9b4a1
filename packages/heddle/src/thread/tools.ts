/** What the supervisor does for tools, which lie in layers above it and say so when they are loaded there. */
export type Tool = (question: object) => object | undefined | Promise<object>;

const tools = new Map<string, Tool>();

/** Says who answers the questions for a tool. */
export function answerFor(name: string, tool: Tool): void {
  tools.set(name, tool);
}

/** Passes on the tool's answer to a question of a thread's. */
export function answerOf(name: string, question: object, pass: (answer: object | undefined) => void): void {
  const answer = tools.get(name)?.(question);
  if (answer instanceof Promise) void answer.then(pass);
  else pass(answer);
}
