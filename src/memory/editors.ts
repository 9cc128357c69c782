/**
 * The editor of each region that this thread edits, made anew after each thaw: others may have edited
 * the region in between.
 */
import { Editor } from "./editor.ts";
import { HEADER } from "./layout.ts";
import type { Region } from "./region.ts";

interface EpochEditor {
  readonly epoch: number;
  readonly editor: Editor;
}

const editors = new WeakMap<Region, EpochEditor>();

/** Forgets the editor of `region`: what it knows of the region may be wrong. */
export function forgetEditor(region: Region): void {
  editors.delete(region);
}

/** The editor of `region`. */
export function editorOf(region: Region): Editor {
  region.isEdited = true;
  region.edited.log?.touchHeader();
  const epoch = region.words[HEADER.EPOCH] as number;
  const known = editors.get(region);
  if (known?.epoch === epoch) return known.editor;
  const editor = new Editor(region);
  editors.set(region, { epoch, editor });
  return editor;
}
