/** What a message takes away from the task that sends it: regions that are moved, and ends of quipes. */

/** Something that is on its way, until it is known whether the message was sent. */
export interface Traveller {
  /** The message was not sent after all: as if nothing had happened. */
  comeBack(): void;
  /** It is on its way once more, after it came back. */
  takeOffAgain(): void;
  /** The message is sent: this task has lost it. */
  depart(): void;
}

/** The message was not sent after all. */
export function comeBack(travellers: readonly Traveller[]): void {
  for (const traveller of travellers) traveller.comeBack();
}

/** The message is sent. */
export function depart(travellers: readonly Traveller[]): void {
  for (const traveller of travellers) traveller.depart();
}
