using DistCache.Proxy;
AppContext.SetSwitch("Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators", true);
var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions());
builder.Configuration.AddInMemoryCollection(new Dictionary<string,string?> {
 ["ReverseProxy:Routes:origin:ClusterId"]="origin", ["ReverseProxy:Routes:origin:Match:Path"]="/{**rest}", ["ReverseProxy:Routes:origin:OutputCachePolicy"]="default",
 ["ReverseProxy:Clusters:origin:Destinations:o:Address"]=args[0], ["DistCache:Policies:default:Preset"]= args.Length>2?args[2]:"safe" });
builder.WebHost.ConfigureKestrel(o => { o.AddServerHeader=false; o.ListenLocalhost(int.Parse(args[1])); });
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddEdgeProxy(builder.Configuration, new NodeIdentity(null), 512L<<20, new EdgeLimits(64L<<20));
var app = builder.Build(); app.UseEdgeProxy(); app.Run();
