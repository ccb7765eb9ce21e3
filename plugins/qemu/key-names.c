/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * key-names.c - the names of keys that libvirt's code sets have. Linux's come from the kernel's header when hvsh is built; the other sets of
 * libvirt have numbers only.
 */
#include "qemu.h"
#include <linux/input-event-codes.h>

#define KEY(name) { #name, name, NULL },
const struct hvsh_choice linux_keys[] = {
#include <key-names.h>
    { NULL }
};
#undef KEY

/* Virtual keys of Windows. */
const struct hvsh_choice win32_keys[] = {
    { "VK_LBUTTON", 1 }, { "VK_RBUTTON", 2 }, { "VK_MBUTTON", 4 }, { "VK_XBUTTON1", 5 }, { "VK_XBUTTON2", 6 }, { "VK_BACK", 8 },
    { "VK_TAB", 9 }, { "VK_RETURN", 13 }, { "VK_CONTROL", 17 }, { "VK_MENU", 18 }, { "VK_PAUSE", 19 }, { "VK_CAPITAL", 20 },
    { "VK_KANA", 21 }, { "VK_IME_ON", 22 }, { "VK_IME_OFF", 26 }, { "VK_ESCAPE", 27 }, { "VK_CONVERT", 28 }, { "VK_NONCONVERT", 29 },
    { "VK_SPACE", 32 }, { "VK_PRIOR", 33 }, { "VK_NEXT", 34 }, { "VK_END", 35 }, { "VK_HOME", 36 }, { "VK_LEFT", 37 }, { "VK_UP", 38 },
    { "VK_RIGHT", 39 }, { "VK_DOWN", 40 }, { "VK_SELECT", 41 }, { "VK_PRINT", 42 }, { "VK_SNAPSHOT", 44 }, { "VK_INSERT", 45 },
    { "VK_DELETE", 46 }, { "VK_HELP", 47 }, { "VK_0", 48 }, { "VK_1", 49 }, { "VK_2", 50 }, { "VK_3", 51 }, { "VK_4", 52 },
    { "VK_5", 53 }, { "VK_6", 54 }, { "VK_7", 55 }, { "VK_8", 56 }, { "VK_9", 57 }, { "VK_A", 65 }, { "VK_B", 66 }, { "VK_C", 67 },
    { "VK_D", 68 }, { "VK_E", 69 }, { "VK_F", 70 }, { "VK_G", 71 }, { "VK_H", 72 }, { "VK_I", 73 }, { "VK_J", 74 }, { "VK_K", 75 },
    { "VK_L", 76 }, { "VK_M", 77 }, { "VK_N", 78 }, { "VK_O", 79 }, { "VK_P", 80 }, { "VK_Q", 81 }, { "VK_R", 82 }, { "VK_S", 83 },
    { "VK_T", 84 }, { "VK_U", 85 }, { "VK_V", 86 }, { "VK_W", 87 }, { "VK_X", 88 }, { "VK_Y", 89 }, { "VK_Z", 90 }, { "VK_LWIN", 91 },
    { "VK_RWIN", 92 }, { "VK_APPS", 93 }, { "VK_SLEEP", 95 }, { "VK_NUMPAD0", 96 }, { "VK_NUMPAD1", 97 }, { "VK_NUMPAD2", 98 },
    { "VK_NUMPAD3", 99 }, { "VK_NUMPAD4", 100 }, { "VK_NUMPAD5", 101 }, { "VK_NUMPAD6", 102 }, { "VK_NUMPAD7", 103 },
    { "VK_NUMPAD8", 104 }, { "VK_NUMPAD9", 105 }, { "VK_MULTIPLY", 106 }, { "VK_ADD", 107 }, { "VK_SEPARATOR", 108 },
    { "VK_SUBTRACT", 109 }, { "VK_DECIMAL", 110 }, { "VK_DIVIDE", 111 }, { "VK_F1", 112 }, { "VK_F2", 113 }, { "VK_F3", 114 },
    { "VK_F4", 115 }, { "VK_F5", 116 }, { "VK_F6", 117 }, { "VK_F7", 118 }, { "VK_F8", 119 }, { "VK_F9", 120 }, { "VK_F10", 121 },
    { "VK_F11", 122 }, { "VK_F12", 123 }, { "VK_F13", 124 }, { "VK_F14", 125 }, { "VK_F15", 126 }, { "VK_F16", 127 }, { "VK_F17", 128 },
    { "VK_F18", 129 }, { "VK_F19", 130 }, { "VK_F20", 131 }, { "VK_F21", 132 }, { "VK_F22", 133 }, { "VK_F23", 134 }, { "VK_F24", 135 },
    { "VK_NUMLOCK", 144 }, { "VK_SCROLL", 145 }, { "VK_LSHIFT", 160 }, { "VK_RSHIFT", 161 }, { "VK_RCONTROL", 163 }, { "VK_RMENU", 165 },
    { "VK_BROWSER_BACK", 166 }, { "VK_BROWSER_FORWARD", 167 }, { "VK_BROWSER_REFRESH", 168 }, { "VK_BROWSER_STOP", 169 },
    { "VK_BROWSER_SEARCH", 170 }, { "VK_BROWSER_FAVOURITES", 171 }, { "VK_BROWSER_HOME", 172 }, { "VK_VOLUME_MUTE", 173 },
    { "VK_VOLUME_DOWN", 174 }, { "VK_VOLUME_UP", 175 }, { "VK_MEDIA_NEXT_TRACK", 176 }, { "VK_MEDIA_PREV_TRACK", 177 },
    { "VK_MEDIA_STOP", 178 }, { "VK_MEDIA_PLAY_PAUSE", 179 }, { "VK_LAUNCH_MAIL", 180 }, { "VK_OEM_1", 186 }, { "VK_OEM_PLUS", 187 },
    { "VK_OEM_COMMA", 188 }, { "VK_OEM_MINUS", 189 }, { "VK_OEM_PERIOD", 190 }, { "VK_OEM_2", 191 }, { "VK_OEM_3", 192 },
    { "VK_OEM_4", 219 }, { "VK_OEM_5", 220 }, { "VK_OEM_6", 221 }, { "VK_OEM_7", 222 }, { "VK_OEM_102", 226 }, { "VK_OEM_COPY", 242 },
    { "VK_PLAY", 250 }, { "VK_ZOOM", 251 },
    { NULL }
};

/* Virtual keys of macOS, without the kVK_ before them. */
const struct hvsh_choice os_x_keys[] = {
    { "ANSI_A", 0 }, { "ANSI_S", 1 }, { "ANSI_D", 2 }, { "ANSI_F", 3 }, { "ANSI_H", 4 }, { "ANSI_G", 5 }, { "ANSI_Z", 6 },
    { "ANSI_X", 7 }, { "ANSI_C", 8 }, { "ANSI_V", 9 }, { "ISO_Section", 10 }, { "ANSI_B", 11 }, { "ANSI_Q", 12 }, { "ANSI_W", 13 },
    { "ANSI_E", 14 }, { "ANSI_R", 15 }, { "ANSI_Y", 16 }, { "ANSI_T", 17 }, { "ANSI_1", 18 }, { "ANSI_2", 19 }, { "ANSI_3", 20 },
    { "ANSI_4", 21 }, { "ANSI_6", 22 }, { "ANSI_5", 23 }, { "ANSI_Equal", 24 }, { "ANSI_9", 25 }, { "ANSI_7", 26 }, { "ANSI_Minus", 27 },
    { "ANSI_8", 28 }, { "ANSI_0", 29 }, { "ANSI_RightBracket", 30 }, { "ANSI_O", 31 }, { "ANSI_U", 32 }, { "ANSI_LeftBracket", 33 },
    { "ANSI_I", 34 }, { "ANSI_P", 35 }, { "Return", 36 }, { "ANSI_L", 37 }, { "ANSI_J", 38 }, { "ANSI_Quote", 39 }, { "ANSI_K", 40 },
    { "ANSI_Semicolon", 41 }, { "ANSI_Backslash", 42 }, { "ANSI_Comma", 43 }, { "ANSI_Slash", 44 }, { "ANSI_N", 45 }, { "ANSI_M", 46 },
    { "ANSI_Period", 47 }, { "Tab", 48 }, { "Space", 49 }, { "ANSI_Grave", 50 }, { "Delete", 51 }, { "Escape", 53 },
    { "RightCommand", 54 }, { "Command", 55 }, { "Shift", 56 }, { "CapsLock", 57 }, { "Option", 58 }, { "Control", 59 },
    { "RightShift", 60 }, { "RightOption", 61 }, { "RightControl", 62 }, { "Function", 63 }, { "F17", 64 }, { "ANSI_KeypadDecimal", 65 },
    { "ANSI_KeypadMultiply", 67 }, { "ANSI_KeypadPlus", 69 }, { "ANSI_KeypadClear", 71 }, { "VolumeUp", 72 }, { "VolumeDown", 73 },
    { "Mute", 74 }, { "ANSI_KeypadDivide", 75 }, { "ANSI_KeypadEnter", 76 }, { "ANSI_KeypadMinus", 78 }, { "F18", 79 }, { "F19", 80 },
    { "ANSI_KeypadEquals", 81 }, { "ANSI_Keypad0", 82 }, { "ANSI_Keypad1", 83 }, { "ANSI_Keypad2", 84 }, { "ANSI_Keypad3", 85 },
    { "ANSI_Keypad4", 86 }, { "ANSI_Keypad5", 87 }, { "ANSI_Keypad6", 88 }, { "ANSI_Keypad7", 89 }, { "F20", 90 }, { "ANSI_Keypad8", 91 },
    { "ANSI_Keypad9", 92 }, { "JIS_Yen", 93 }, { "JIS_Underscore", 94 }, { "JIS_KeypadComma", 95 }, { "F5", 96 }, { "F6", 97 },
    { "F7", 98 }, { "F3", 99 }, { "F8", 100 }, { "F9", 101 }, { "JIS_Eisu", 102 }, { "F11", 103 }, { "JIS_Kana", 104 }, { "F13", 105 },
    { "F16", 106 }, { "F14", 107 }, { "F10", 109 }, { "F12", 111 }, { "F15", 113 }, { "Help", 114 }, { "Home", 115 }, { "PageUp", 116 },
    { "ForwardDelete", 117 }, { "F4", 118 }, { "End", 119 }, { "F2", 120 }, { "PageDown", 121 }, { "F1", 122 }, { "LeftArrow", 123 },
    { "RightArrow", 124 }, { "DownArrow", 125 }, { "UpArrow", 126 },
    { NULL }
};
