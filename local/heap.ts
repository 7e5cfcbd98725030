/**
 * From what size on the processes that uploads pass through collect their garbage. V8 begins at a few megabytes and stays
 * there while little survives, so that bodies of 0.4 MB meant a full collection for each tenth upload: 4.5 of 10.7 ms of
 * CPU time an upload in gateway and function, measured (docs/performance.md).
 */
const collectFromMb = 96

/** @param memoryMb what the process may take in all, where that is limited; a tenth of it may be garbage */
export const heapOption = (memoryMb = Number.POSITIVE_INFINITY): string =>
  `--initial-old-space-size=${Math.min(collectFromMb, Math.floor(memoryMb / 10))}`
