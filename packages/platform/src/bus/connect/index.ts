export { type BusConfig, busSettings } from "./bus-settings.ts";
export { type ConnectBusOptions, connectBus } from "./connect-bus.ts";
