/**
 * Ends the process with `code` once standard output and error have taken all that was written: `process.exit` drops what a pipe
 * still holds back, so a long proof would arrive cut off. A reader that has gone away ends it too.
 */
export async function endProcess(code: number): Promise<never> {
  await Promise.all([written(process.stdout), written(process.stderr)]);
  process.exit(code);
}

function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.on("error", () => resolve());
    stream.write("", () => resolve());
  });
}
