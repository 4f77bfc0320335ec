/**
 * @file The messages between the kernel's parent process and the child that runs user code.
 *
 * Four channels, all of them file descriptors of the child:
 * - fd 1 and 2: raw output of native code and of grandchildren. The parent reads them as bytes.
 * - fd 3, child to parent: frames of {@link ChildMessage}, written synchronously (a blocking pipe), so that they
 *   leave the child even from a busy loop, in order, and a parent that stops reading slows a runaway printer.
 * - fd 4, parent to child's main thread: frames of {@link ParentMessage}.
 * - fd 5, both ways, parent and the child's control thread: frames of {@link ControlMessage} and
 *   {@link ControlReply}. It works while the main thread is busy; its end means that the parent is gone.
 *
 * Invariant: everything a cell printed or displayed before it ended has left the child before its `done` frame.
 */
import type { SourceMapParts } from "../compile/source-map.ts";

/** A MIME bundle as Jupyter defines it: JSON types carry JSON values, the others strings (base64 for binary types). */
export type MimeBundle = Record<string, unknown>;

/** One evaluation of compiled cell code in the REPL scope. */
export interface ExecuteMessage {
  readonly type: "execute";
  /** Names the request; every frame that belongs to it carries it as `request`. */
  readonly request: string;
  /** Plain JavaScript for V8's REPL mode, from `kernel/compile`. */
  readonly code: string;
  /** The script's name in stack traces and in the debugger, for example `tenon-cell:12`. */
  readonly fileName: string;
  /** What people call the cell in error messages, for example `Cell [12]`. */
  readonly label: string;
  /** For the source map from `code` to `source`. */
  readonly map: SourceMapParts | undefined;
  /** The cell as the user wrote it, for code frames. */
  readonly source: string;
  /** The notebook's cell id where the client sent one. */
  readonly cellId: string | undefined;
  /** True where the value of the last expression is not shown. */
  readonly hideResult: boolean;
  readonly silent: boolean;
  readonly allowStdin: boolean;
  /**
   * Expressions of `user_expressions`, each compiled as a cell of its own, evaluated after the cell when it
   * succeeded.
   */
  readonly userExpressions: Readonly<Record<string, string>>;
}

/** A comm message from the frontend, passed through. */
export interface CommMessage {
  readonly type: "comm_open" | "comm_msg" | "comm_close";
  readonly request: string;
  readonly commId: string;
  readonly targetName?: string | undefined;
  readonly data: Record<string, unknown>;
  readonly metadata: Record<string, unknown>;
  /** Binary attachments; they follow the JSON in the frame. */
  readonly buffers: readonly Uint8Array[];
}

export type ParentMessage = ExecuteMessage | CommMessage;

/** What a failed evaluation looks like on the wire: Jupyter's error fields. */
export interface ErrorContent {
  readonly ename: string;
  readonly evalue: string;
  /** ANSI-coloured lines, already mapped to cells and with internal frames hidden. */
  readonly traceback: readonly string[];
}

/** How one of `user_expressions` ended. */
export type ExpressionResult =
  | { readonly status: "ok"; readonly data: MimeBundle; readonly metadata: Record<string, unknown> }
  | ({ readonly status: "error" } & ErrorContent);

export type ChildMessage =
  /** The child can take messages. `protocol` is {@link childProtocolVersion}. */
  | { readonly type: "ready"; readonly protocol: number; readonly pid: number }
  | {
      readonly type: "stream";
      readonly request: string;
      readonly name: "stdout" | "stderr";
      readonly text: string;
    }
  | {
      readonly type: "display" | "update_display";
      readonly request: string;
      readonly data: MimeBundle;
      readonly metadata: Record<string, unknown>;
      readonly displayId: string | undefined;
      readonly buffers?: readonly Uint8Array[];
    }
  /** What the library computes on from now on; for the status that people see. */
  | { readonly type: "backend"; readonly name: string }
  | { readonly type: "clear_output"; readonly request: string; readonly wait: boolean }
  /** The value of the last expression, sent just before `done`. */
  | {
      readonly type: "result";
      readonly request: string;
      readonly data: MimeBundle;
      readonly metadata: Record<string, unknown>;
    }
  /**
   * An error that belongs to a cell but not to its `done`: an unhandled rejection or an exception thrown by a
   * timer after the cell ended. The child lives on.
   */
  | ({ readonly type: "late_error"; readonly request: string } & ErrorContent)
  /** Answers every {@link ParentMessage}, comm messages included, as the last message that belongs to its run. */
  | {
      readonly type: "done";
      readonly request: string;
      readonly error: ErrorContent | undefined;
      readonly userExpressions: Readonly<Record<string, ExpressionResult>>;
      /** Milliseconds from start to end of the evaluation. */
      readonly duration: number;
    }
  /** The child's main thread waits for {@link ControlMessage} `input_reply`. */
  | {
      readonly type: "input_request";
      readonly request: string;
      readonly prompt: string;
      readonly password: boolean;
    }
  | CommMessage;

/** Sent to the control thread. */
export type ControlMessage =
  /** Stop what the main thread does now; state is kept. Rejects awaits through the cell's abort signal too. */
  | { readonly type: "interrupt"; readonly requests: readonly string[] }
  /** Answers the `input`-th `input_request`, counted from 1; an answer to an older one is dropped. */
  | { readonly type: "input_reply"; readonly input: number; readonly value: string }
  /** An inspector command for the main thread, used by the debugger. */
  | {
      readonly type: "inspector";
      readonly id: number;
      readonly method: string;
      readonly params: Record<string, unknown>;
    };

/** Sent by the control thread. */
export type ControlReply =
  | { readonly type: "control_ready" }
  | {
      readonly type: "inspector_result";
      readonly id: number;
      readonly result?: unknown;
      readonly error?: string;
    }
  | { readonly type: "inspector_event"; readonly method: string; readonly params: unknown }
  /** An interrupt took effect: these have been stopped, or had ended before. */
  | { readonly type: "interrupted"; readonly requests: readonly string[] };

/** Raised when a message changes its meaning; parent and child come from one build, so they must be equal. */
export const childProtocolVersion = 1;
