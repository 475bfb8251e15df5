/** How far a long command is: a bar that is redrawn on a terminal, a line for each tenth of the way elsewhere. */
export interface ProgressDisplay {
  /** @param step what is being done: another one begins another tenth */
  show(step: string, fraction: number, text: string): void;
  /** A line that stays. */
  done(text: string): void;
  /** A line on standard error that stays. */
  complain(text: string): void;
}

const eraseLine = "\r\u001b[K";
const barWidth = 24;

export function progressDisplay(): ProgressDisplay {
  return process.stdout.isTTY === true ? onTerminal() : inLines();
}

function onTerminal(): ProgressDisplay {
  return {
    show(_step, fraction, text) {
      const bar = "█".repeat(Math.round(fraction * barWidth)).padEnd(barWidth, "░");
      process.stdout.write(`${eraseLine}${bar} ${text}`);
    },
    done: (text) => void process.stdout.write(`${eraseLine}${text}\n`),
    complain: (text) => console.error(eraseLine + text),
  };
}

function inLines(): ProgressDisplay {
  let shown = "";
  return {
    show(step, fraction, text) {
      const tenth = `${step} ${Math.floor(fraction * 10)}`;
      if (tenth !== shown) console.log(text);
      shown = tenth;
    },
    done: (text) => console.log(text),
    complain: (text) => console.error(text),
  };
}
