/** Why the platform did not start. The messages are for the person at the terminal; each says what to do. */
export class StartError extends Error {
  override readonly name: string = 'StartError'
  readonly retriable: boolean = false
}

/** A port that the platform needs is in use, or may not be used. */
export class PortTakenError extends StartError {
  override readonly name = 'PortTakenError'
}

/** Another supervisor runs in the same home. */
export class AlreadyRunningError extends StartError {
  override readonly name = 'AlreadyRunningError'
}

/** A service ended or did not answer while the platform came up. */
export class ServiceStartError extends StartError {
  override readonly name = 'ServiceStartError'
  override readonly retriable = true
}

/** The command line is wrong. */
export class UsageError extends StartError {
  override readonly name = 'UsageError'
}
