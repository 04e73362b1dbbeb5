/** Conditions that can not be compiled, and where. */
export class ConditionError extends Error {
  override readonly name = 'ConditionError';
  /** JSON pointer below the rule or the shared condition. */
  readonly pointer: string;

  /**
   * @param pointer - JSON pointer to the mistake
   * @param message - what is wrong, in words for whoever edits the rule
   */
  constructor(pointer: string, message: string) {
    super(message);
    this.pointer = pointer;
  }
}
