/** Whether a message brings a cell's result; tslab prints results. */
export function isResult(messageType: string): boolean {
  return messageType === "execute_result" || messageType === "stream";
}
