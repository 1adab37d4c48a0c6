/** Stands for a loader's data in the names that a template sees, where there is none. */
export interface Unavailable {
  readonly loader: string
  /** `unneeded`: it was not loaded, since nothing shown reads it. `failed`: its loader failed. `pending`: it is still loading. */
  readonly why: 'unneeded' | 'failed' | 'pending'
  /** Under which id the failure was logged; '' otherwise. */
  readonly errorId: string
}
