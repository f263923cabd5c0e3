export interface Path { readonly instructions: number, readonly dataLines: number }
export interface CoreCosts { readonly trap: Path, readonly rpcCall: Path, readonly rpcReply: Path, readonly threadSwitch: Path, readonly wake: Path }
export const coreCosts: CoreCosts = {
  trap: { instructions: 40, dataLines: 3 }, rpcCall: { instructions: 120, dataLines: 8 }, rpcReply: { instructions: 100, dataLines: 6 },
  threadSwitch: { instructions: 150, dataLines: 8 }, wake: { instructions: 80, dataLines: 4 }
}
