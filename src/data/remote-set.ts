/** A public data set and where it is downloaded from. `set` names its folder in the cache. */
export type RemoteSet =
  | {readonly kind: 'hub'; readonly set: string; readonly dataset: string; readonly revision: string}
  | {readonly kind: 'url'; readonly set: string; readonly base: string; readonly revision: string}

/** What a manifest says about where a set came from; another origin under the same name is another set. */
export function originOf(remote: RemoteSet): string {
  return remote.kind === 'hub' ? `hub:${remote.dataset}` : remote.base
}
